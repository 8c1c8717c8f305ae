"""What each field type knows: normal form, equality, and the merge of all sides at once."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.model import types
from syncer.record import FieldType, canonical_json
from syncer.richtext.nodes import Node, doc
from tests.examples import examples

F = FieldType
SAMPLES: dict[FieldType, list[Any]] = {
    F.LINE: ["a", "b", " b"],
    F.CHOICE: ["todo", "done", "doing"],
    F.NUMBER: [0, 1, 2.5],
    F.MONEY: [{"amount": a, "currency": c} for a, c in (("1", "EUR"), ("1.5", "EUR"), ("1", "USD"))],
    F.DATE: ["2026-01-01", "2026-01-02", "2027-02-28"],
    F.INSTANT: ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00.500Z"],
    F.PERIOD: [
        {"start": "2026-01-01", "end": None},
        {"start": "2026-01-01", "end": "2026-02-01"},
        {"start": None, "end": "2026-02-01"},
    ],
    F.FLAG: [True, False],
    F.PERSON: ["ann", "bob", "cid"],
    F.REFERENCE: ["i1", "i2", "i3"],
    F.URL: ["https://a", "https://b", "mailto:c"],
    F.SET: [["a"], ["a", "b"], ["b", "c"]],
    F.PEOPLE: [["ann"], ["ann", "bob"], ["bob"]],
    F.REFERENCES: [["i1"], ["i1", "i2"], ["i2"]],
    F.SEQUENCE: [[{"text": "a", "done": False}], [{"text": "a", "done": True}], [{"text": "b", "done": False}]],
    F.TABLE: [[{"name": "k", "v": 1}], [{"name": "k", "v": 2}], [{"name": "l"}]],
    F.DOCUMENT: [
        {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]}]}
        for t in ("a", "b", "c")
    ],
}
SCALARS = [k for k in F if k not in types.SET_LIKE | {F.SEQUENCE, F.TABLE, F.DOCUMENT}]
every_type = pytest.mark.parametrize("kind", list(F), ids=lambda k: k.value)


def entry(text: str, done: bool = False) -> dict[str, Any]:
    return {"text": text, "done": done}


def value_of(kind: FieldType) -> st.SearchStrategy[Any]:
    elements = st.sampled_from(["a", "b", "c", "d", "e"])
    if kind in types.SET_LIKE:
        return st.lists(elements, max_size=4).map(lambda v: types.normal(kind, v))
    if kind is F.SEQUENCE:
        return st.lists(st.builds(entry, elements, st.booleans()), max_size=5).map(lambda v: types.normal(kind, v))
    if kind is F.TABLE:
        row = st.fixed_dictionaries({"name": elements}, optional={"v": st.integers(0, 2), "w": st.booleans()})
        return st.lists(row, max_size=4).map(lambda v: types.normal(kind, v))
    if kind is F.DOCUMENT:
        lines = st.lists(elements, max_size=3)
        return lines.map(lambda t: types.normal(kind, doc(*map(_paragraph, t)).to_json()))
    return st.sampled_from([None, *SAMPLES[kind]])


@every_type
@settings(max_examples=examples(25))
@given(data=st.data())
def test_one_changed_value_wins(kind: FieldType, data: st.DataObject) -> None:
    was, now = data.draw(value_of(kind)), data.draw(value_of(kind))

    for changes in ({"x": now}, {"x": now, "y": was}, {"x": now, "y": now, "z": was}):
        merged = types.merge3(kind, was, changes)
        assert types.equal(kind, merged.value, now)
        assert not merged.conflict


@every_type
@settings(max_examples=examples(25))
@given(data=st.data())
def test_the_order_and_the_names_of_the_sides_do_not_matter(kind: FieldType, data: st.DataObject) -> None:
    was = data.draw(value_of(kind))
    nows = [data.draw(value_of(kind)) for _ in range(3)]
    first = types.merge3(kind, was, dict(zip("abc", nows, strict=True)))

    for order in permutations(nows):
        other = types.merge3(kind, was, dict(zip("xyz", order, strict=True)))
        assert (canonical_json(other.value), other.conflict) == (canonical_json(first.value), first.conflict)


@every_type
@settings(max_examples=examples(25))
@given(data=st.data())
def test_the_normal_form_is_idempotent_and_survives_a_merge(kind: FieldType, data: st.DataObject) -> None:
    was, mine, yours = (data.draw(value_of(kind)) for _ in range(3))
    merged = types.merge3(kind, was, {"a": mine, "b": yours}).value

    assert types.normal(kind, merged) == merged
    assert isinstance(types.show(kind, merged), str)


@pytest.mark.parametrize("kind", SCALARS, ids=lambda k: k.value)
def test_two_different_changed_values_are_a_conflict_and_nothing_else_is(kind: FieldType) -> None:
    values = [None, *SAMPLES[kind]]
    for was, mine, yours in product(values, repeat=3):
        merged = types.merge3(kind, was, {"a": mine, "b": yours})

        differ = not types.equal(kind, mine, yours)
        both_moved = not types.equal(kind, mine, was) and not types.equal(kind, yours, was)
        assert merged.conflict == (differ and both_moved)
        assert types.equal(
            kind, merged.value, was if merged.conflict else yours if types.equal(kind, mine, was) else mine
        )


@every_type
@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_absent_null_and_empty_are_one_value(kind: FieldType, empty: Any) -> None:
    assert types.normal(kind, empty) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (F.LINE, 1), (F.NUMBER, True), (F.NUMBER, "1"), (F.NUMBER, float("nan")), (F.NUMBER, float("inf")),
        (F.MONEY, {"amount": 1}), (F.MONEY, {"amount": "x"}), (F.MONEY, {"amount": "NaN", "currency": "EUR"}),
        (F.DATE, "2026-02-30"), (F.DATE, "1.2.2026"), (F.DATE, "20260101"), (F.INSTANT, "2026-01-01"),
        (F.INSTANT, "2026-01-01T00:00:00"), (F.INSTANT, "2026-13-01T00:00:00Z"), (F.PERIOD, {"from": "2026-01-01"}),
        (F.FLAG, 1), (F.FLAG, "yes"), (F.SET, "a"), (F.SET, [1]), (F.SEQUENCE, [1]), (F.SEQUENCE, [{"label": "a"}]),
        (F.PERSON, {"id": "a"}), (F.TABLE, ["a"]), (F.TABLE, [{"a": ["b"]}]), (F.DOCUMENT, "text"),
        (F.DOCUMENT, {"type": "doc", "content": [{"text": "no type"}]}), (F.DOCUMENT, {"type": "paragraph"}),
        (F.MONEY, "1 EUR"), (F.PERIOD, ["2026-01-01"]),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_refused_with_a_reason(kind: FieldType, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        types.normal(kind, value)


@pytest.mark.parametrize(
    ("value", "named"),
    [(True, "a flag"), (1, "a number"), (1.5, "a number"), ([1], "a list"), ({"a": 1}, "an object"), (b"a", "bytes")],
)
def test_a_refusal_names_what_was_found_in_the_words_of_the_model(value: Any, named: str) -> None:
    with pytest.raises(ValueError, match=f"expected text, found {named}$"):
        types.normal(F.LINE, value)


def test_equality_refuses_a_wrong_shape_too() -> None:
    with pytest.raises(ValueError, match="expected text, found a number"):
        types.equal(F.LINE, 1, 1)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (F.LINE, " as is ", " as is "),
        (F.NUMBER, 3.0, 3),
        (F.NUMBER, 2.5, 2.5),
        (F.NUMBER, 0, 0),
        (F.FLAG, False, False),
        (F.MONEY, {"amount": "10.50", "currency": "EUR"}, {"amount": "10.5", "currency": "EUR"}),
        (F.MONEY, {"amount": "-0.00", "currency": "EUR"}, {"amount": "0", "currency": "EUR"}),
        (F.MONEY, {"amount": "1E+3", "currency": "EUR"}, {"amount": "1000", "currency": "EUR"}),
        (F.INSTANT, "2026-01-01T02:00:00.000+02:00", "2026-01-01T00:00:00Z"),
        (F.INSTANT, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z"),
        (F.MONEY, {"amount": "100"}, {"amount": "100", "currency": ""}),
        (F.MONEY, {"amount": "100", "currency": None}, {"amount": "100", "currency": ""}),
        (F.INSTANT, "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.001Z"),
        (F.INSTANT, "2026-01-01T00:00:00.000999Z", "2026-01-01T00:00:00Z"),
        (F.PERIOD, {"start": "2026-01-01"}, {"start": "2026-01-01", "end": None}),
        (F.PERIOD, {"start": "", "end": "2026-01-01"}, {"start": None, "end": "2026-01-01"}),
        (F.PERIOD, {"start": None, "end": None}, None),
        (F.SET, ["b", "a", "b", ""], ["a", "b"]),
        (F.SET, [None, "a"], ["a"]),
        (F.SET, [""], None),
        (F.SEQUENCE, ["a", {"text": "b", "done": True}, ""], [entry("a"), entry("b", True)]),
        (F.SEQUENCE, ["", {"text": None, "done": True}], None),
        (F.SEQUENCE, [{"text": "a", "done": None}], [entry("a")]),
        (F.TABLE, [{"a": 1.0, "b": None, "c": ""}, {}], [{"a": 1}]),
        (F.TABLE, [{"a": ""}], None),
        (F.DOCUMENT, {"type": "doc", "content": [{"type": "paragraph"}]}, None),
    ],
)
def test_the_normal_form(kind: FieldType, value: Any, expected: Any) -> None:
    assert types.normal(kind, value) == expected


def test_a_whole_number_is_an_integer_in_its_normal_form() -> None:
    assert isinstance(types.normal(F.NUMBER, 3.0), int)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (F.LINE, None, "—"),
        (F.NUMBER, 2.5, "2.5"),
        (F.DATE, "2026-01-01", "2026-01-01"),
        (F.FLAG, True, "yes"),
        (F.FLAG, False, "no"),
        (F.SET, ["a", "b"], "a, b"),
        (F.PEOPLE, ["ann"], "ann"),
        (F.MONEY, {"amount": "10", "currency": "EUR"}, "10 EUR"),
        (F.MONEY, {"amount": "10", "currency": ""}, "10"),
        (F.PERIOD, {"start": "2026-01-01", "end": None}, "2026-01-01 → …"),
        (F.PERIOD, {"start": None, "end": "2026-02-01"}, "… → 2026-02-01"),
        (F.SEQUENCE, [entry("a"), entry("b", True)], "[ ] a; [x] b"),
        (F.TABLE, [{"name": "k", "v": 1}, {"name": "l"}], "name: k, v: 1; name: l"),
        (F.DOCUMENT, SAMPLES[F.DOCUMENT][0], "a"),
    ],
)
def test_a_value_is_shown_as_one_line(kind: FieldType, value: Any, shown: str) -> None:
    assert types.show(kind, value) == shown


def test_adds_and_removes_merge_per_element() -> None:
    merged = types.merge3(F.SET, ["a", "b"], {"x": ["a", "b", "c"], "y": ["b"], "z": ["a", "b", "d"]})

    assert merged == types.Merge(["b", "c", "d"])


@given(was=value_of(F.SET), mine=value_of(F.SET), yours=value_of(F.SET))
def test_every_add_arrives_and_every_remove_too(was: Any, mine: Any, yours: Any) -> None:
    old, a, b = set(was or ()), set(mine or ()), set(yours or ())
    merged = set(types.merge3(F.SET, was, {"x": mine, "y": yours}).value or ())

    assert merged == (old | (a - old) | (b - old)) - (old - a) - (old - b)


def test_a_tick_and_a_rewording_of_one_criterion_are_both_kept() -> None:
    was = [entry("log in by mail"), entry("b")]
    merged = types.merge3(
        F.SEQUENCE,
        was,
        {"x": [entry("log in by mail", True), entry("b")], "y": [entry("log in by e-mail"), entry("b")]},
    )

    assert merged == types.Merge([entry("log in by e-mail", True), entry("b")])


def test_criteria_added_at_both_ends_are_both_kept() -> None:
    was = [entry("m1"), entry("m2")]
    merged = types.merge3(F.SEQUENCE, was, {"x": [entry("first"), *was], "y": [*was, entry("last")]})

    assert merged == types.Merge([entry("first"), *was, entry("last")])


@pytest.mark.parametrize(
    ("mine", "yours"),
    [
        (["a", "b", "x"], ["a", "b", "y"]),
        (["a", "completely other"], ["a", "not the same at all"]),
        (["a"], [entry("a"), entry("b", True)]),
        (["b"], ["a", "new", "b"]),
    ],
)
def test_edits_that_touch_with_other_content_conflict_and_the_ancestors_entries_stay(mine: Any, yours: Any) -> None:
    merged = types.merge3(F.SEQUENCE, ["a", "b"], {"x": mine, "y": yours})

    assert merged.conflict
    assert merged.value == [entry("a"), entry("b")]


def test_the_same_edit_on_two_sides_counts_once() -> None:
    merged = types.merge3(F.SEQUENCE, ["a"], {"x": ["a", "n"], "y": ["a", "n"], "z": [entry("a", True)]})

    assert merged == types.Merge([entry("a", True), entry("n")])


def test_key_results_merge_by_row_and_cell() -> None:
    was = [{"name": "k1", "target": 10, "current": 1}, {"name": "k2", "target": 5}]
    merged = types.merge3(
        F.TABLE,
        was,
        {
            "x": [{"name": "k1", "target": 12, "current": 1}, {"name": "k2", "target": 5}],
            "y": [{"name": "k1", "target": 10, "current": 3}, {"name": "k2", "target": 5}, {"name": "k3", "target": 1}],
        },
    )

    assert merged.value == [
        {"name": "k1", "target": 12, "current": 3},
        {"name": "k2", "target": 5},
        {"name": "k3", "target": 1},
    ]
    assert not merged.conflict


def test_one_cell_set_to_two_values_and_a_row_removed_and_changed_are_conflicts() -> None:
    was = [{"name": "k", "v": 1}]

    assert types.merge3(F.TABLE, was, {"x": [{"name": "k", "v": 2}], "y": [{"name": "k", "v": 3}]}).conflict
    assert types.merge3(F.TABLE, was, {"x": [{"name": "other"}], "y": [{"name": "k", "v": 3}]}).conflict


def test_a_whole_body_cleared_against_an_edit_is_a_conflict() -> None:
    was, now = SAMPLES[F.DOCUMENT][:2]

    assert types.merge3(F.DOCUMENT, was, {"x": None, "y": now}) == types.Merge(was, True)


def test_what_equality_leaves_out_is_no_change() -> None:
    was = SAMPLES[F.DOCUMENT][0]
    carried = {**was, "extra": {"localId": "1"}}
    longer = {**was, "content": [*was["content"], {"type": "paragraph"}]}

    assert types.equal(F.DOCUMENT, was, carried)
    assert types.equal(F.DOCUMENT, was, longer)


def _paragraph(text: str) -> Node:
    return Node("paragraph", (Node("text", text=text),))
