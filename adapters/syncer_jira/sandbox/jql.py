"""The part of JQL that the sandbox answers. What it does not know is an error, as in Jira; never an empty answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Look = Callable[[str], list[str]]
"""Gives the values an issue has for a field of JQL, lower-cased; times as epoch milliseconds."""
Test = Callable[[Look], bool]

FIELDS = {
    "project", "updated", "created", "creator", "reporter", "assignee", "issuetype", "type", "status",
    "statuscategory", "labels", "key", "issuekey", "id", "parent", "sprint", "fixversion", "priority",
}  # fmt: skip
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'[^\']*\'|>=|<=|!=|!~|[=~<>(),]|[^\s=~<>(),!]+)')


class JqlError(ValueError):
    """The query cannot be read."""


class Query:
    """A parsed query: a test and an order."""

    def __init__(self, text: str, me: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens).replace(" ", "") != re.sub(r"\s", "", text) and '"' not in text and "'" not in text:
            raise JqlError("Error in the JQL Query: unexpected character.")
        self._me = me.lower()
        self.bounded = False
        self.order: list[tuple[str, bool]] = []
        self.test: Test = lambda look: True
        if self._tokens and not self._ahead("order"):
            self.test, self.bounded = self._any(), True
        if self._ahead("order"):
            self._take("order"), self._take("by")
            self._orders()
        if self._tokens:
            raise JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{self._tokens[0]}'.")

    def _ahead(self, word: str) -> bool:
        return bool(self._tokens) and self._tokens[0].lower() == word

    def _take(self, word: str = "") -> str:
        if not self._tokens or (word and self._tokens[0].lower() != word):
            got = self._tokens[0] if self._tokens else "the end"
            raise JqlError(f"Error in the JQL Query: Expecting '{word or 'a value'}' but got '{got}'.")
        return str(self._tokens.pop(0))

    def _orders(self) -> None:
        while True:
            name = self._field()
            down = self._ahead("desc")
            if down or self._ahead("asc"):
                self._take()
            self.order.append((name, down))
            if not self._ahead(","):
                return
            self._take(",")

    def _any(self) -> Test:
        tests = [self._all()]
        while self._ahead("or"):
            self._take()
            tests.append(self._all())
        return lambda look: any(t(look) for t in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._ahead("and"):
            self._take()
            tests.append(self._one())
        return lambda look: all(t(look) for t in tests)

    def _one(self) -> Test:
        if self._ahead("("):
            self._take()
            inner = self._any()
            self._take(")")
            return inner
        if self._ahead("not"):
            self._take()
            inner = self._one()
            return lambda look: not inner(look)
        return self._clause()

    def _field(self) -> str:
        name = _bare(self._take()).lower()
        if name not in FIELDS:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return {"type": "issuetype", "issuekey": "key"}.get(name, name)

    def _clause(self) -> Test:
        name = self._field()
        verb = self._take().lower()
        if verb == "is":
            negate = self._ahead("not") and bool(self._take())
            self._take("empty")
            return lambda look: bool(look(name)) == negate
        if verb == "not":
            self._take("in")
            wanted = self._values()
            return lambda look: not set(look(name)) & wanted
        if verb == "in":
            wanted = self._values()
            return lambda look: bool(set(look(name)) & wanted)
        value = self._value()
        match verb:
            case "=":
                return lambda look: value in look(name)
            case "!=":
                return lambda look: value not in look(name)
            case ">=" | "<=" | ">" | "<":
                return self._compare(name, verb, value)
        raise JqlError(f"The operator '{verb}' is not supported by the '{name}' field.")

    def _compare(self, name: str, verb: str, value: str) -> Test:
        if name not in ("updated", "created") or not value.lstrip("-").isdigit():
            raise JqlError(f"Date value '{value}' for field '{name}' is invalid.")
        limit = int(value)
        tests: Mapping[str, Callable[[int], bool]] = {
            ">=": lambda at: at >= limit,
            "<=": lambda at: at <= limit,
            ">": lambda at: at > limit,
            "<": lambda at: at < limit,
        }
        return lambda look: any(tests[verb](int(at)) for at in look(name))

    def _values(self) -> set[str]:
        self._take("(")
        found = {self._value()}
        while self._ahead(","):
            self._take(",")
            found.add(self._value())
        self._take(")")
        return found

    def _value(self) -> str:
        value = _bare(self._take()).lower()
        if self._ahead("("):
            self._take("("), self._take(")")
            if value != "currentuser":
                raise JqlError(f"Unable to find JQL function '{value}()'.")
            return self._me
        return value


def _bare(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[:1] in "\"'" else token


def sort_key(look: Look, name: str) -> Any:
    """Return what an issue is sorted by."""
    value = (look(name) or [""])[0]
    if name == "key":
        prefix, _, number = value.rpartition("-")
        return (prefix, int(number))
    return (value.zfill(20) if value.isdigit() else value, 0)
