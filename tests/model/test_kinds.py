"""What the kinds know of their fields, and that the documentation says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from syncer.model.describe import page
from syncer.model.fields import PYTHON, Def
from syncer.model.kinds import KINDS, STATUSES, Category, derive, fields_of, progress, rice
from syncer.record import FieldType

DOCS = Path(__file__).parents[2] / "docs" / "model.md"


def test_the_model_page_is_what_the_classes_say() -> None:
    assert DOCS.read_text("utf-8") == page(), "write it anew: python -m syncer.model.describe > docs/model.md"


def test_every_kind_of_the_design_exists() -> None:
    assert set(KINDS) == {
        *("product", "goal", "initiative", "feature", "epic", "story", "task", "subtask", "bug", "sprint", "release"),
        *("document", "feedback", "metric", "experiment", "risk", "persona", "competitor"),
        *("person", "team", "comment", "attachment"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_knows_its_type_and_what_it_is(kind: str) -> None:
    marked = fields_of(kind)
    assert set(KINDS[kind].model_fields) - {"custom"} == set(marked)
    for name, definition in marked.items():
        assert definition.about, name
        info = KINDS[kind].model_fields[name]
        assert any(isinstance(mark, Def) for mark in info.metadata)
        assert info.annotation == PYTHON[definition.type], name


@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_points_to_kinds_that_exist(kind: str) -> None:
    for definition in fields_of(kind).values():
        assert set(definition.targets) <= set(KINDS), definition.name
        assert not definition.targets or definition.type in (FieldType.REFERENCE, FieldType.REFERENCES)
        assert not definition.choices or definition.type is FieldType.CHOICE


def test_every_field_type_is_used_by_some_kind() -> None:
    used = {definition.type for kind in KINDS for definition in fields_of(kind).values()}
    assert used == set(FieldType)


def test_an_item_refuses_a_field_it_does_not_have() -> None:
    with pytest.raises(ValidationError):
        KINDS["story"].model_validate({"title": "A", "reach": 3})
    assert KINDS["story"].model_validate({"title": "A", "points": 3, "custom": {"team_colour": "red"}})


def test_the_default_statuses_cover_every_category() -> None:
    assert set(STATUSES.values()) == set(Category)


def test_rice_is_reach_times_impact_times_confidence_by_effort() -> None:
    assert rice(4000, 2, 80, 4) == 1600
    assert rice(10, 0.5, 50, 3) == 0.83
    assert rice(4000, 2, 80, 0) is None
    assert rice(4000, None, 80, 4) is None
    assert rice(True, 2, 80, 4) is None


def test_progress_leaves_dropped_parts_aside() -> None:
    assert progress([Category.DONE, Category.DROPPED, Category.DOING]) == 50
    assert progress([Category.DROPPED]) is None


def test_derived_fields_are_only_given_to_kinds_that_have_them() -> None:
    values = {"reach": 100, "impact": 1, "confidence": 100, "effort": 2}
    assert derive("feature", values, [Category.DONE]) == {"score": 50, "progress": 100}
    assert derive("story", values, [Category.DONE]) == {}
