"""Mutants of a module: one small mistake each, made in the syntax tree."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

Place = ast.expr | ast.stmt | ast.comprehension

COMPARES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Mult: ast.Add,
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True)
class Change:
    """One part of the tree, and what stands there instead."""

    node: ast.AST
    part: str
    instead: Any

    @contextmanager
    def made(self) -> Iterator[None]:
        """Hold the tree changed."""
        right = getattr(self.node, self.part)
        setattr(self.node, self.part, self.instead)
        try:
            yield
        finally:
            setattr(self.node, self.part, right)


@dataclass(frozen=True)
class Mutant:
    """One mistake: where it is, what the line was and became, and the module's code with it."""

    module: str
    function: str
    line: int
    before: str
    after: str
    code: CodeType
    number: int
    """Which of those that read alike in one function it is."""
    source: str
    """Digest of the function as it should be: what was found out holds as long as that does."""

    @property
    def name(self) -> str:
        """Return what stays the same while other lines move."""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.module.removeprefix('syncer.')}.{self.function}: {self.before} → {self.after}{again}"


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield every function's code inside a module's code."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from codes(part)


def function(module: ModuleType, qualname: str) -> FunctionType | None:
    """Return a module's function, method or property by its qualified name."""
    found: Any = module
    for name in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(name)
    found = getattr(found, "fget", getattr(found, "__func__", found))
    return found if isinstance(found, FunctionType) else None


def mutants(module: str) -> list[Mutant]:
    """Return every mutant of a module whose mistake is in a function; of those that compile alike, the first."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text())
    right = {c.co_qualname: c for c in codes(_compiled(tree, spec.origin))}
    sources = dict(_sources(tree))
    found: list[Mutant] = []
    alike: Counter[tuple[str, str, str]] = Counter()
    compiled = set()
    for place, change in list(_mistakes(tree)):
        before = _short(place)
        with change.made():
            gone = isinstance(place, ast.stmt) and not isinstance(place, ast.Return | ast.If)
            after = "pass" if gone else _short(place)
            code = _compiled(ast.fix_missing_locations(tree), spec.origin)
        differ = [c for c in codes(code) if "<locals>" not in c.co_qualname and c != right[c.co_qualname]]
        if not differ or differ[-1] in compiled:
            continue
        compiled.add(differ[-1])
        name = differ[-1].co_qualname
        alike[name, before, after] += 1
        line = (place.target if isinstance(place, ast.comprehension) else place).lineno
        nth = alike[name, before, after]
        found.append(Mutant(module, name, line, before, after, code, nth, sources.get(name, "")))
    return found


def _compiled(tree: ast.Module, name: str) -> CodeType:
    """Compile as an import does: what this file imports from the future is no matter."""
    code: CodeType = compile(tree, name, "exec", dont_inherit=True)
    return code


def _sources(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield outer + node.name, hashlib.sha256(ast.unparse(node).encode()).hexdigest()[:16]
            yield from _sources(node, f"{outer}{node.name}.")


def _short(node: ast.AST) -> str:
    shown = node.test if isinstance(node, ast.If) else node
    text = " ".join(ast.unparse(shown).split())
    return text if len(text) <= 90 else text[:87] + "..."


def _mistakes(tree: ast.AST) -> Iterator[tuple[Place, Change]]:
    """Yield every place inside a function where a mistake can be made, and what makes it there."""
    made = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node) for function in made for step in function.body for node in (function, *ast.walk(step))}
    for node in ast.walk(tree):
        if id(node) in inside:
            if isinstance(node, Place):
                yield from ((node, change) for change in _wrong(node))
            yield from _dropped(node)


def _wrong(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARES:
            yield Change(node, "ops", [COMPARES[type(op)]()])
        case ast.BoolOp(op=op, values=values):
            yield Change(node, "op", ast.And() if isinstance(op, ast.Or) else ast.Or())
            for index in range(len(values)):
                rest = [*values[:index], *values[index + 1 :]]
                yield Change(node, "values", [ast.Constant(isinstance(op, ast.And)), *rest])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield Change(node, "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield Change(node, "op", OPERATORS[type(op)]())
        case ast.If(test=test) | ast.IfExp(test=test):
            yield Change(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.Call(func=ast.Name(id=name) as called) if name in CALLS:
            yield Change(called, "id", CALLS[name])
        case ast.Constant(value=int() as value):
            yield Change(node, "value", not value if isinstance(value, bool) else value + 1)
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield Change(node, "value", ast.Constant(None))
        case ast.comprehension(ifs=ifs):
            for index in range(len(ifs)):
                yield Change(node, "ifs", [*ifs[:index], ast.Constant(True), *ifs[index + 1 :]])


def _dropped(node: ast.AST) -> Iterator[tuple[Place, Change]]:
    for name in ("body", "orelse"):
        found = getattr(node, name, None)
        body: list[ast.stmt] = found if isinstance(found, list) else []
        for index, step in enumerate(body):
            acts = isinstance(step, ast.Expr) and not isinstance(step.value, ast.Constant)
            if acts or isinstance(step, ast.AugAssign | ast.Continue):
                yield step, Change(node, name, [*body[:index], ast.Pass(), *body[index + 1 :]])
