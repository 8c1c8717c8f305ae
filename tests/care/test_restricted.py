"""A record that fewer people may see is carried nowhere, and no byte of it is kept or told."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from syncer.engine import plandoc
from tests.engine.worlds import Product, SideSpec, note, title

SECRET = "Layoffs in May"


def test_no_byte_of_a_restricted_record_is_told_kept_or_shown_elsewhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    fields = (title("a"), note("a"))
    made = Product(tmp_path / "state.db", {s: SideSpec(fields) for s in ("a", "b")}, make_store=None)
    ref = made.tables["a"].add({"title": SECRET, "note": SECRET})
    made.tables["a"].rows[ref].restricted = "only Ann"
    made.tables["a"].add({"title": "Share"})
    plan, report = made.sync(full=True)
    told = json.dumps(plandoc.to_json(plan, "now")) + repr(plan) + repr(report) + caplog.text
    made.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))

    assert made.shows("b") == ["Share"]
    assert f"{ref} on a is restricted: not carried" in plan.notes
    assert SECRET not in told
    assert SECRET.encode() not in kept
    assert b"Share" in kept
