"""Filters and sorts of a data source query, judged on the stored form of a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from syncer_notion.sandbox import text
from syncer_notion.sandbox.refusal import invalid

JSON = dict[str, Any]
Find = Callable[[str], JSON]
"""Name or id → the property's configuration; refuses an unknown one."""

TEXTS = {"title", "rich_text", "url", "email", "phone_number"}


def meets(page: JSON, wanted: JSON | None, find: Find, depth: int = 0) -> bool:
    """Say whether a page meets a filter. Refuses what Notion refuses."""
    if not wanted:
        return True
    for word, combine in (("and", all), ("or", any)):
        if word in wanted:
            if depth == 2:
                raise invalid("body failed validation: body.filter: compound filters may be nested two levels deep.")
            return combine([meets(page, part, find, depth + 1) for part in wanted[word]])
    if "timestamp" in wanted:
        field = wanted["timestamp"]
        if field not in {"created_time", "last_edited_time"} or field not in wanted:
            raise invalid(
                "body failed validation: body.filter.timestamp should be `created_time` or `last_edited_time`."
            )
        return _date(page[field], wanted[field])
    if "property" not in wanted:
        raise invalid("body failed validation: body.filter.or should be defined, instead was `undefined`.")
    prop = find(wanted["property"])
    kind = next((key for key in wanted if key not in {"property", "type"}), "")
    return _judge(prop, page["properties"].get(prop["id"]), kind, wanted[kind] if kind else {})


def _judge(prop: JSON, value: Any, kind: str, test: JSON) -> bool:
    stored = prop["type"]
    if kind != stored and not (kind == "rich_text" and stored in TEXTS):
        raise invalid(f"database property {stored} does not match filter {kind}")
    op, arg = next(iter(test.items()))
    if op in {"is_empty", "is_not_empty"}:
        return (value in (None, [], "")) == (op == "is_empty")
    if stored in TEXTS:
        return _text(text.plain(value) if isinstance(value, list) else value or "", op, arg)
    if stored in {"select", "status"}:
        names = {value["name"], value["id"]} if value else set()
        hit = bool(names & set(arg if isinstance(arg, list) else [arg]))
        return hit if op == "equals" else not hit
    if stored in {"multi_select", "people", "relation"}:
        held = {part for each in value for part in ((each["id"], each["name"]) if isinstance(each, dict) else (each,))}
        return (arg in held) == (op == "contains")
    if stored == "checkbox":
        return bool(value == arg) == (op == "equals")
    if stored == "date":
        return value is not None and _date(_instant(value["start"]), test)
    return _number(value, op, arg)


def _text(value: str, op: str, arg: str) -> bool:
    held, sought = value.casefold(), str(arg).casefold()
    tests: dict[str, bool] = {
        "equals": held == sought,
        "does_not_equal": held != sought,
        "contains": sought in held,
        "does_not_contain": sought not in held,
        "starts_with": held.startswith(sought),
        "ends_with": held.endswith(sought),
    }
    if op not in tests:
        raise invalid(f"body failed validation: body.filter: unknown text condition `{op}`.")
    return tests[op]


def _number(value: Any, op: str, arg: Any) -> bool:
    if value is None:
        return op == "does_not_equal"
    held = value["number"] if isinstance(value, dict) else value
    return bool(
        {
            "equals": held == arg,
            "does_not_equal": held != arg,
            "greater_than": held > arg,
            "less_than": held < arg,
            "greater_than_or_equal_to": held >= arg,
            "less_than_or_equal_to": held <= arg,
        }.get(op, False)
    )


def _instant(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid("body failed validation: body.filter should be a valid ISO 8601 date string.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(held: datetime, test: JSON) -> bool:
    op, arg = next(iter(test.items()))
    sought = _instant(arg)
    if op == "on_or_after":
        return held >= sought
    if op == "on_or_before":
        return held <= sought
    if op == "after":
        return held > sought
    if op == "before":
        return held < sought
    if op == "equals":
        return held == sought
    raise invalid(f"body failed validation: body.filter: unknown date condition `{op}`.")


def ordered(pages: list[JSON], sorts: list[JSON], find: Find) -> list[JSON]:
    """Return pages as `sorts` say; without sorts in an order nobody may rely on (by id)."""
    pages = sorted(pages, key=lambda page: page["id"])
    for sort in reversed(sorts):
        key = _by_time(sort["timestamp"]) if "timestamp" in sort else _by_value(find(sort["property"])["id"])
        pages.sort(key=key, reverse=sort.get("direction") == "descending")
    return pages


def _by_time(field: str) -> Callable[[JSON], Any]:
    return lambda page: page[field]


def _by_value(id: str) -> Callable[[JSON], Any]:
    return lambda page: _key(page["properties"].get(id))


def _key(value: Any) -> tuple[bool, float, str]:
    if isinstance(value, int | float):
        return (False, float(value), "")
    if isinstance(value, dict):
        return (False, 0.0, str(value.get("name", value.get("start", value.get("number", "")))))
    if isinstance(value, list):
        return (
            not value,
            0.0,
            "".join(each.get("plain_text", "") if isinstance(each, dict) else each for each in value),
        )
    return (value is None, 0.0, str(value or ""))
