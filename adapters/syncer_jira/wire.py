"""Jira's JSON ⇄ records. Pure. A value that is not as its field promises is told as unreadable, never raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from syncer.errors import RejectedError
from syncer.record import Change, Raw, Record, Ref, Tag, Version
from syncer_jira.fields import Field, Shape

PROPERTY = "syncer"
REMOVED = "removed-elsewhere"
"""The label of an issue whose counterpart is gone. It is ours: no record shows it among its labels."""

Fields = Mapping[str, Field]

SETS = frozenset({Shape.OPTIONS, Shape.STRINGS, Shape.USERS})
"""Written by adding and removing elements (Jira REST v3, the `operations` of editmeta)."""


class UnreadableError(ValueError):
    """A value of another shape than its field's."""


def read_issue(issue: Mapping[str, Any], fields: Fields, *, site: str = "", archive_status: str = "") -> Record:
    """Read an issue. Fields that are not in the answer are not in the record."""
    shown: Mapping[str, Any] = issue.get("fields") or {}
    values: dict[str, Raw] = {}
    unreadable: dict[str, str] = {}
    for key, field in fields.items():
        if field.shape is Shape.PARENT and "issuetype" in shown:
            # Jira leaves the parent out of an issue that has none
            values[key] = None
        if key in shown:
            try:
                values[key] = read_value(field, shown[key])
            except UnreadableError as error:
                values[key], unreadable[key] = shown[key], str(error)
    labels = shown.get("labels") or ()
    status = str((shown.get("status") or {}).get("id", ""))
    security = shown.get("security")
    updated = moment(shown.get("updated"))
    key = str(issue.get("key", ""))
    return Record(
        ref=Ref(str(issue["id"])),
        type=str((shown.get("issuetype") or {}).get("id", "")),
        fields=values,
        version=Version(_utc(updated)) if updated else None,
        tag=read_tag(issue),
        label=key,
        url=f"{site.rstrip('/')}/browse/{key}" if site and key else "",
        edited_at=updated,
        created_at=moment(shown.get("created")),
        archived=REMOVED in labels or (archive_status != "" and status == archive_status),
        restricted=f"security level {security.get('name', '')}".rstrip() if isinstance(security, dict) else "",
        unreadable=unreadable,
    )


def read_tag(issue: Mapping[str, Any]) -> Tag | None:
    """Read our tag; one that names another issue came with a clone and does not count."""
    value = (issue.get("properties") or {}).get(PROPERTY)
    if not isinstance(value, dict) or str(value.get("issueId", issue["id"])) != str(issue["id"]):
        return None
    parts = [value.get(name) for name in ("product", "item", "lineage")]
    return Tag(*map(str, parts)) if all(isinstance(p, str) and p for p in parts) else None


def write_tag(tag: Tag, ref: str = "") -> dict[str, Raw]:
    """Write our tag; the issue's id is known only once it exists."""
    value: dict[str, Raw] = {"product": tag.product, "item": tag.item, "lineage": tag.lineage}
    return {**value, "issueId": ref} if ref else value


def read_value(field: Field, value: Any) -> Raw:
    """Read one value. Raises UnreadableError."""
    if value is None or value == "" or value == []:
        return None
    if field.shape is Shape.UNKNOWN:
        raise UnreadableError(f"field {field.spec.name!r} is of a type that is not supported")
    return READERS[field.shape](value)


def current_sprint(sprints: Sequence[tuple[str, str]]) -> str | None:
    """Return the sprint that counts of all those an issue was in (id, state): the one that is open, else the last."""
    rank = {"active": 2, "future": 1}
    found = max(enumerate(sprints), key=lambda pair: (rank.get(pair[1][1], 0), pair[0]), default=None)
    return found[1][0] if found else None


def write_value(field: Field, raw: Raw) -> Any:
    """Write one value as Jira's `fields` takes it. Raises RejectedError for a value that has not its field's shape."""
    if raw is None:
        return [] if field.shape in SETS else _absent(field)
    try:
        return WRITERS[field.shape](raw)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"{raw!r} cannot be written as {field.spec.type}"
        raise RejectedError(f"jira: {field.spec.name}: {why}", fields={field.spec.id: why}, system="jira") from error


def write_changes(fields: Fields, changes: Mapping[str, Change]) -> dict[str, Any]:
    """Write the body of one PUT: values under `fields`, sets as what is added and removed under `update`.

    Raises RejectedError for a field that is not among these, or that Jira keeps itself.
    """
    bad = dict.fromkeys(sorted(changes.keys() - fields.keys()), "there is no such field any more")
    bad |= {key: "Jira keeps this itself" for key in changes if key in fields and not fields[key].spec.writable}
    if bad:
        told = "; ".join(f"{key}: {why}" for key, why in bad.items())
        raise RejectedError(f"jira: {told}", fields=bad, system="jira")
    body: dict[str, dict[str, Any]] = {"fields": {}, "update": {}}
    for key, change in changes.items():
        field = fields[key]
        if field.shape in SETS:
            body["update"][key] = _set_verbs(field.shape, change)
        elif field.shape is Shape.PARENT and change.now is None:
            body["update"][key] = [{"set": {"none": True}}]
        else:
            body["fields"][key] = write_value(field, change.now)
    return {part: values for part, values in body.items() if values}


def normal_value(field: Field, raw: Raw) -> Raw:
    """Return how Jira will show a value that we write."""
    if raw is None or raw == "" or raw == []:
        return field.spec.absent_shows
    if isinstance(raw, str) and field.spec.id == "summary":
        return raw.strip() or None
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, list) and all(isinstance(v, str) for v in raw):
        return [*sorted({str(v) for v in raw})]
    return raw


def _set_verbs(shape: Shape, change: Change) -> list[dict[str, Any]]:
    was = {str(v) for v in change.was} if isinstance(change.was, list) else set()
    now = {str(v) for v in change.now} if isinstance(change.now, list) else set()

    verbs = (("remove", was - now), ("add", now - was))
    return [{verb: element} for verb, values in verbs for element in WRITERS[shape]([*sorted(values)])]


def _absent(field: Field) -> Any:
    shown = field.spec.absent_shows
    return None if shown is None else WRITERS[field.shape](shown)


def _text(value: Any) -> Raw:
    if not isinstance(value, str):
        raise UnreadableError("expected a text")
    return value


def _adf(value: Any) -> Raw:
    if not isinstance(value, dict) or value.get("type") != "doc":
        raise UnreadableError("expected a rich-text document")
    return value if value.get("content") else None


def _number(value: Any) -> Raw:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UnreadableError("expected a number")
    return int(value) if float(value).is_integer() else value


def _date(value: Any) -> Raw:
    try:
        return datetime.strptime(value, "%Y-%m-%d").strftime("%Y-%m-%d")
    except (TypeError, ValueError):
        raise UnreadableError("expected a date") from None


def _instant(value: Any) -> Raw:
    found = moment(value)
    if found is None:
        raise UnreadableError("expected a time")
    return _utc(found)


def _option(value: Any) -> Raw:
    if not isinstance(value, dict) or "id" not in value:
        raise UnreadableError("expected an option with an id")
    return str(value["id"])


def _user(value: Any) -> Raw:
    if not isinstance(value, dict) or not value.get("accountId"):
        raise UnreadableError("expected a person with an accountId")
    return str(value["accountId"])


def _each(reader: Callable[[Any], Raw]) -> Callable[[Any], Raw]:
    def read(value: Any) -> Raw:
        if not isinstance(value, list):
            raise UnreadableError("expected a list")
        found = sorted({str(reader(v)) for v in value} - {REMOVED})
        return list[Raw](found) or None

    return read


def _sprint(value: Any) -> Raw:
    if not isinstance(value, list) or not all(isinstance(s, dict) and "id" in s for s in value):
        raise UnreadableError("expected a list of sprints")
    return current_sprint([(str(s["id"]), s.get("state", "")) for s in value])


def moment(value: Any) -> datetime | None:
    """Read a time; None for what is none. Jira writes offsets without a colon (`+0100`)."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _utc(moment: datetime) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    millis = moment.microsecond // 1000
    return f"{text}.{millis:03d}Z" if millis else f"{text}Z"


def _write_instant(raw: Raw) -> str:
    moment = datetime.fromisoformat(str(raw))
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03d}+0000"


def _list(raw: Raw) -> list[str]:
    return [str(v) for v in raw] if isinstance(raw, list) else []


READERS: Mapping[Shape, Callable[[Any], Raw]] = {
    Shape.TEXT: _text,
    Shape.ADF: _adf,
    Shape.NUMBER: _number,
    Shape.DATE: _date,
    Shape.INSTANT: _instant,
    Shape.OPTION: _option,
    Shape.OPTIONS: _each(_option),
    Shape.STRINGS: _each(_text),
    Shape.USER: _user,
    Shape.USERS: _each(_user),
    Shape.PARENT: _option,
    Shape.SPRINT: _sprint,
}
WRITERS: Mapping[Shape, Callable[[Raw], Any]] = {
    Shape.TEXT: lambda raw: raw,
    Shape.ADF: lambda raw: raw,
    Shape.NUMBER: lambda raw: raw,
    Shape.DATE: lambda raw: raw,
    Shape.INSTANT: _write_instant,
    Shape.OPTION: lambda raw: {"id": raw},
    Shape.OPTIONS: lambda raw: [{"id": v} for v in _list(raw)],
    Shape.STRINGS: _list,
    Shape.USER: lambda raw: {"accountId": raw},
    Shape.USERS: lambda raw: [{"accountId": v} for v in _list(raw)],
    Shape.PARENT: lambda raw: {"id": raw},
    Shape.SPRINT: lambda raw: int(str(raw)),
}
