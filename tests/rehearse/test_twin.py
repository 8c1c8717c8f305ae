"""A twin does what the real collection would, and asks it only for what it has not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

import pytest

from syncer.adapter import Adapter, Can
from syncer.errors import NotFoundError, RejectedError
from syncer.record import Change, Draft, FieldSpec, FieldType, Gone, Option, Record, Ref, Tag
from syncer.rehearse.twin import Twin
from syncer.testing.memory import READS, Habits, MemoryAdapter, MemoryTable

STATUSES = tuple(Option(s, s) for s in ("idea", "done"))
FIELDS = {
    spec.id: spec
    for spec in (
        FieldSpec("title", "Title", FieldType.LINE, required=True, clearable=False),
        FieldSpec("status", "Status", FieldType.CHOICE, options=STATUSES, absent_shows="idea"),
        FieldSpec("labels", "Labels", FieldType.SET),
        FieldSpec("notes", "Notes", FieldType.DOCUMENT, costly=True),
        FieldSpec("key", "Key", FieldType.LINE, writable=False),
    )
}
TAG = Tag("shop", "i1", "l")
CAPITALS = Habits(capitals=True)


def table(habits: Habits = CAPITALS) -> MemoryTable:
    made = MemoryTable("t", {"row": FIELDS}, habits)
    for number in range(4):
        made.add({"title": f"t{number}", "labels": ["x"], "notes": "long", "key": str(number)})
    return made


def twin(real: MemoryTable) -> Twin:
    made = Twin("t", MemoryAdapter(real), lambda: real.now)
    list(made.list())
    made.leave()
    return made


class Narrow(MemoryAdapter):
    """Reads no more than it is asked for."""

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        found = super().get(refs, fields)
        return {ref: _narrowed(answer, fields) for ref, answer in found.items()}


def _narrowed(answer: Record | Gone, fields: Set[str] | None) -> Record | Gone:
    if fields is None or isinstance(answer, Gone):
        return answer
    shown = {name: raw for name, raw in answer.fields.items() if name in fields}
    return replace(answer, fields=shown, unreadable={n: w for n, w in answer.unreadable.items() if n in fields})


DEEDS: dict[str, Callable[[Adapter, Ref], object]] = {
    "create": lambda a, ref: a.create(Draft("row", {"title": "new", "labels": ["b"]}, TAG)),
    "update": lambda a, ref: a.update(ref, "row", {"title": Change("T0", "other"), "labels": Change(["x"], ["y"])}),
    "clear": lambda a, ref: a.update(ref, "row", {"status": Change("idea", None), "labels": Change(["x"], None)}),
    "write a text": lambda a, ref: a.update(ref, "row", {"notes": Change("long", "short")}),
    "archive": lambda a, ref: a.archive(ref),
    "archive and restore": lambda a, ref: (a.archive(ref), a.restore(ref)),
    "mark": lambda a, ref: a.mark(ref, TAG),
}


def looks(adapter: Adapter) -> list[tuple[object, ...]]:
    """Return what a collection shows, save what each makes up by itself."""
    found: list[Record] = [record for batch in adapter.list() for record in batch.records]
    whole = [answer for answer in adapter.get([r.ref for r in found]).values() if isinstance(answer, Record)]
    return sorted(
        (str(sorted((k, v) for k, v in r.fields.items() if k != "key")), r.archived, str(r.tag), r.edited_by)
        for r in whole
    )


@pytest.mark.parametrize("deed", DEEDS)
def test_a_write_shows_as_it_would_in_the_real_collection(deed: str) -> None:
    real, played = table(), table()
    ref = next(iter(real.rows))
    DEEDS[deed](MemoryAdapter(real), ref)
    here = twin(played)
    calls = len(played.calls)
    DEEDS[deed](here, ref)

    assert looks(here) == looks(MemoryAdapter(real))
    assert {verb for verb, _ in played.calls[calls:]} <= READS
    assert looks(MemoryAdapter(played)) == looks(MemoryAdapter(table()))


def test_what_was_read_is_not_asked_for_again() -> None:
    real = table()
    here = twin(real)
    refs = list(real.rows)
    before = len(real.calls)
    here.get(refs, frozenset({"title", "labels"}))
    list(here.list())
    assert real.calls[before:] == []

    here.update(refs[0], "row", {"title": Change("T0", "other")})
    read = here.get(refs[:1])[refs[0]]
    assert isinstance(read, Record)
    assert (read.fields["title"], read.fields["notes"]) == ("Other", "long")
    assert real.calls[before:] == [("get", refs[0])]


def test_what_cannot_be_read_stays_unreadable_however_little_is_asked_for() -> None:
    real = table()
    real.unreadable["labels"] = "no longer shared"
    here = Twin("t", Narrow(real), lambda: real.now)
    ref = next(iter(real.rows))
    list(here.list())
    here.get([ref], frozenset({"title"}))
    here.leave()
    read = here.get([ref])[ref]

    assert isinstance(read, Record)
    assert (read.unreadable, read.fields["notes"]) == ({"labels": "no longer shared"}, "long")
    assert "labels" not in read.fields


def test_people_who_edit_meanwhile_are_not_in_the_way() -> None:
    real = table()
    here = twin(real)
    ref = next(iter(real.rows))
    real.edit(ref, {"title": "edited"})
    listed = [record.fields["title"] for batch in here.list() for record in batch.records]

    assert listed == ["T0", "T1", "T2", "T3"]


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"labels": ["b"]}, "title"),
        ({"title": "t", "status": "lost"}, "status"),
        ({"title": "t", "key": "7"}, "key"),
        ({"title": "t", "colour": "red"}, "colour"),
    ],
)
def test_what_the_schema_rules_out_is_refused(fields: dict[str, str], blamed: str) -> None:
    with pytest.raises(RejectedError) as refused:
        twin(table()).create(Draft("row", fields, TAG))
    assert list(refused.value.fields) == [blamed]


def test_a_field_that_cannot_be_empty_is_not_emptied() -> None:
    real = table()
    with pytest.raises(RejectedError, match="Title cannot be empty"):
        twin(real).update(next(iter(real.rows)), "row", {"title": Change("T0", None)})


@pytest.mark.parametrize(
    ("ability", "deed"),
    [(Can.CREATE, "create"), (Can.UPDATE, "update"), (Can.ARCHIVE, "archive"), (Can.TAG, "mark"),
     (Can.RESTORE, "archive and restore")],
)  # fmt: skip
def test_what_the_collection_cannot_do_its_twin_refuses(ability: Can, deed: str) -> None:
    real = table(Habits(can=Can.ALL & ~ability))
    with pytest.raises(RejectedError):
        DEEDS[deed](twin(real), next(iter(real.rows)))


def test_a_create_is_found_by_its_tag_and_what_is_nowhere_is_not() -> None:
    here = twin(table())
    made = here.create(Draft("row", {"title": "new"}, TAG))
    found = here.find([TAG, replace(TAG, item="i2")], made.created_at or here.now())

    assert found.records == {TAG: made}
    assert found.proves_absence


def test_what_is_gone_stays_gone() -> None:
    real = table()
    ref = next(iter(real.rows))
    real.trash(ref)
    here = twin(real)

    with pytest.raises(NotFoundError):
        here.update(ref, "row", {"labels": Change(["x"], None)})
    with pytest.raises(NotFoundError):
        here.restore(ref)
