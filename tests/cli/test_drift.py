"""A tool's people rename things: `check` and every run say so before anything is read wrongly."""

from __future__ import annotations

from pathlib import Path

from syncer_notion.sandbox.server import NotionSandbox

from tests.cli.conftest import Syncer, let_write, to_notion


def rename(sandbox: NotionSandbox, old: str, new: str) -> None:
    """Rename a property as a person does in the browser."""
    for source in sandbox.state.sources.values():
        for prop in source["properties"].values():
            if prop["name"] == old:
                prop["name"] = new


def test_a_renamed_column_is_told_with_its_place_and_stops_a_sync(
    syncer: Syncer, home: Path, notion: NotionSandbox, book: Path
) -> None:
    done = syncer(
        "init", "--product", "p", "--connection", to_notion(notion), "--connection", "book=xlsx:path=roadmap.xlsx",
        "--collection", "features=notion:Roadmap", "--collection", "plan=book:Roadmap",
    )  # fmt: skip
    assert done.code == 0, done.err
    let_write(home / "syncer.yaml", "notion")
    let_write(home / "syncer.yaml", "book")
    assert syncer("sync").code in (0, 4)
    rename(notion, "Status", "State")
    checked, synced = syncer("check"), syncer("sync", "--full")

    assert (checked.code, synced.code) == (2, 2)
    for told in (checked.out, synced.err):
        assert "'Status' of features is now called 'State'" in told
        assert 'write "State" here' in told
        assert "features.yaml:" in told
