"""Documents across sides that show more and less: what a poor side's people edit travels, and flattens nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.mapping.convert import Text
from syncer.mapping.rules import FieldRule
from syncer.record import FieldSpec, FieldType
from syncer.registry import codecs
from syncer.testing.memory import Fault
from tests.engine.worlds import Product, SideSpec, title

RICH = """# Offline mode

Riders **lose** the map in [tunnels](https://example.org/tunnels).

- keep `tiles`
- warn *early*

```python
cache = {}
```

Last words.
"""


def text(format: str) -> FieldRule:
    spec = FieldSpec("body", "body", FieldType.LINE, format=format)
    return Text("body", FieldType.DOCUMENT, spec, codec=lambda: codecs()[format], format=format)


def product(path: Path) -> Product:
    formats = {"rich": "markdown", "poor": "plain", "other": "markdown"}
    return Product(path, {s: SideSpec((title(s), text(f))) for s, f in formats.items()})


def edit(made: Product, side: str, old: str, new: str) -> None:
    ref = made.only(side)
    body = str(made.tables[side].live()[ref]["body"])
    assert old in body
    made.tables[side].edit(ref, {"body": body.replace(old, new)})


def body(made: Product, side: str) -> str:
    return str(made.shows(side, "body")[0])


def test_an_edit_on_a_plain_side_keeps_marks_links_and_code_elsewhere(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    before = body(made, "rich")
    edit(made, "poor", "lose the map", "lose the whole map")
    made.settle()

    assert body(made, "rich") == before.replace("the map", "the whole map")
    assert "Riders **lose** the whole map in [tunnels](https://example.org/tunnels)." in body(made, "other")


def test_edits_in_different_blocks_on_three_sides_all_arrive(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    edit(made, "rich", "Last words.", "Famous last words.")
    edit(made, "poor", "warn early", "warn very early")
    edit(made, "other", "# Offline mode", "# Offline maps")
    made.settle()

    for said in ("Famous last words.", "Offline maps", "very early"):
        assert all(said in body(made, side).replace("_", "").replace("*", "") for side in ("rich", "poor", "other")), (
            said
        )
    assert "**lose**" in body(made, "rich") and "`tiles`" in body(made, "other")
    assert made.store.conflicts() == []


def test_the_same_words_changed_on_two_sides_are_held_and_nothing_is_written(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    edit(made, "rich", "Last words.", "First words.")
    edit(made, "poor", "Last words.", "No words.")
    made.sync()
    made.sync()

    assert "First words." in body(made, "rich") and "No words." in body(made, "poor")
    assert [(c.field, len(c.sides)) for c in made.store.conflicts()] == [("body", 2)]


def test_a_held_text_is_let_go_when_both_sides_come_to_show_the_same(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    edit(made, "rich", "Last words.", "First words.")
    made.tables["poor"].faults.append(Fault("update"))
    made.tables["other"].faults.append(Fault("update"))
    made.sync()
    edit(made, "poor", "Last words.", "No words.")
    edit(made, "other", "Last words.", "No words.")
    made.sync()
    assert [c.field for c in made.store.conflicts()] == ["body"]

    edit(made, "rich", "First words.", "No words.")
    made.settle()

    assert made.store.conflicts() == []
    for side, linked in (("rich", "[tunnels](https://example.org/tunnels)"), ("other", "**lose**"), ("poor", "lose")):
        assert linked in body(made, side) and "No words." in body(made, side)


def test_a_held_text_that_both_sides_edit_on_apart_stays_held(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    edit(made, "rich", "Last words.", "First words.")
    edit(made, "poor", "Last words.", "No words.")
    made.sync()
    edit(made, "rich", "First words.", "Some words.")
    made.sync()

    assert [c.field for c in made.store.conflicts()] == ["body"]
    assert "Some words." in body(made, "rich") and "No words." in body(made, "poor")


def test_a_revert_of_a_document_travels_and_leaves_the_first_text(tmp_path: Path) -> None:
    made = product(tmp_path / "s.db")
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    before = [body(made, side) for side in ("rich", "poor", "other")]
    edit(made, "poor", "Last words.", "Other words.")
    made.settle()
    edit(made, "poor", "Other words.", "Last words.")
    made.settle()

    assert before == [body(made, side) for side in ("rich", "poor", "other")]


WORDS = ("lose", "tunnels", "tiles", "warn", "Last", "Offline")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(("rich", "poor", "other")), st.sampled_from(WORDS), st.booleans()), max_size=6
    )
)
def test_every_word_people_type_ends_up_everywhere_or_in_a_conflict(
    tmp_path_factory: object, edits: list[tuple[str, str, bool]]
) -> None:
    made = product(Path(tmp_path_factory.mktemp("d")) / "s.db")  # type: ignore[attr-defined]  # pytest's own fixture
    made.tables["rich"].add({"title": "T", "body": RICH})
    made.settle()
    typed = []
    for number, (side, word, then_sync) in enumerate(edits):
        typed.append(f"new{number}")
        if word not in body(made, side):
            typed.pop()
            continue
        edit(made, side, word, f"{word} new{number}")
        if then_sync:
            made.sync()
    for _ in range(4):
        if not made.sync(full=True)[0].actions:
            break
    kept = str([c.sides for c in made.store.conflicts(state=None)])

    held = bool(made.store.conflicts())
    for said in typed:
        shown = [said in body(made, side) for side in ("rich", "poor", "other")]
        assert all(shown) or (any(shown) and held and said in kept), (said, shown)
    assert all("`" in body(made, side) and "```python" in body(made, side) for side in ("rich", "other"))
