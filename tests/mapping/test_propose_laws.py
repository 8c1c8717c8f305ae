"""Whatever a side looks like, what `init` would write about it loads, and fits it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.adapter import Can, Traits
from syncer.errors import UserError
from syncer.mapping.propose import Said
from syncer.mapping.vocabulary import ALSO, OPTION_WORDS
from syncer.record import FieldSpec, FieldType, Health, Option, RecordType, Schema
from syncer.registry import systems
from syncer.setup.survey import Joined, Seen, Survey
from syncer.setup.wishes import ConnectionWish
from syncer.setup.write import first_configuration
from tests.examples import examples

ODD = [
    "x: y #z",
    "- a",
    "yes",
    "null",
    "1",
    "007",
    "{a",
    "'",
    '"',
    "a, b",
    "é ü",
    "雪",
    "*",
    "&x",
    "!t",
    "%",
    "\x07",
    " ",
    "name",
]
WORDS = sorted({w for words in ALSO.values() for w in words}) + ODD
OPTIONS = sorted({w for words in OPTION_WORDS.values() for w in words}) + ODD
TYPES = ["Story", "Feature", "Bug", "Epic", "Sheet1", "Type", *ODD[:6]]


@st.composite
def fields(draw: st.DrawFn, id: str) -> FieldSpec:
    kind = draw(st.sampled_from(sorted(FieldType)))
    options = (
        draw(st.lists(st.sampled_from(OPTIONS), max_size=5, unique=True)) if kind in ("choice", "set", "line") else []
    )
    return FieldSpec(
        id,
        draw(st.sampled_from([*WORDS, "Type", "Kind"])),
        kind,
        writable=draw(st.booleans()),
        required=draw(st.booleans()),
        options=tuple(
            Option(f"o{n}", name, draw(st.sampled_from(["", "done", "new"]))) for n, name in enumerate(options)
        ),
        open_options=draw(st.booleans()),
        format="plain" if kind == "document" else "",
    )


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique_by=str.casefold))
    found = {}
    for number, name in enumerate(names):
        title = FieldSpec("t", draw(st.sampled_from(["Name", "Summary", "x: y #z"])), FieldType.LINE)
        made = [title, *(draw(fields(f"f{n}")) for n in range(draw(st.integers(1, 8))))]
        found[f"t{number}"] = RecordType(f"t{number}", name, {f.id: f for f in made})
    return Schema(found)


@given(st.lists(schemas(), min_size=1, max_size=2), st.sampled_from(["", "story", "feature"]), st.booleans())
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_is_proposed_loads_and_fits(found: list[Schema], said: str, creates: bool) -> None:
    joined = Joined(ConnectionWish("here", "csv", {"path": "x.csv"}), Health("", ""), ())
    survey = Survey(Path(), systems())
    survey.joined["here"] = joined
    traits = Traits(Can.ALL if creates else Can.FEED)
    seen = [Seen(f"s{n}", "here", {}, schema, traits, Said((said,) if said else ())) for n, schema in enumerate(found)]
    try:
        first = first_configuration(Path("nowhere/syncer.yaml"), "p", survey, seen)
    except UserError as error:
        assert "it cannot be told what its records are" in error.message
    else:
        assert len(first.files) == len(seen) + 1
