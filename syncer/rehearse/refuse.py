"""What a system would refuse, as far as its schema says so. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.record import FieldSpec, Raw


def refusals(specs: Mapping[str, FieldSpec], given: Mapping[str, Raw], *, new: bool = False) -> dict[str, str]:
    """Return field id → why, for values that a record of these fields cannot take. `new`: it is being created."""
    found = {}
    for name, raw in given.items():
        if reason := _refused(specs.get(name), raw):
            found[name] = reason
    if new:
        missing = [f for f, spec in specs.items() if spec.required and given.get(f) is None]
        found |= {f: f"a new record needs its {specs[f].name}" for f in missing}
    return found


def _refused(spec: FieldSpec | None, raw: Raw) -> str:
    if spec is None:
        return "there is no such field"
    if not spec.writable:
        return f"{spec.name} is not written"
    if raw is None:
        return "" if spec.clearable else f"{spec.name} cannot be empty"
    if strangers := _strangers(spec, raw):
        return f"{spec.name} has no option {', '.join(strangers)}"
    if spec.max_length and isinstance(raw, str) and len(raw) > spec.max_length:
        return f"{spec.name} holds {spec.max_length} characters, these are {len(raw)}"
    return ""


def _strangers(spec: FieldSpec, raw: Raw) -> list[str]:
    if not spec.options or spec.open_options:
        return []
    offered = {option.id for option in spec.options}
    return [word for word in (raw if isinstance(raw, list) else [raw]) if isinstance(word, str) and word not in offered]
