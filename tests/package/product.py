"""A small product on two sides, a Notion sandbox and a CSV file, for tests that need something to sync."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TOKEN = "ntn_sandbox_bot"
FEATURES = "33333333-3333-4333-8333-333333333333"
SEED: dict[str, Any] = {
    "users": [{"name": "Syncer", "type": "bot", "token": TOKEN}],
    "data_sources": [
        {
            "name": "Features",
            "id": FEATURES,
            "properties": {"Name": "title", "Syncer ID": "rich_text", "Reach": "number"},
            "pages": [{"properties": {"Name": "Höhenprofil", "Reach": 3}}],
        }
    ],
}
CONFIG = f"""\
format: 1
product: trailhead
connections:
  notion: {{system: notion, url: URL, token: {{env: NOTION_TOKEN}}, access: write}}
  book: {{system: csv, path: roadmap.csv, access: write}}
collections:
  features: {{connection: notion, data_source: {FEATURES}, mapping: mappings/features.yaml}}
  roadmap:
    connection: book
    mapping: mappings/roadmap.yaml
    columns: {{Reach: {{type: number}}}}
"""
MAPPING = "format: 1\nkinds: {feature: {match: [title], fields: {title: NAME, reach: Reach}}}\n"
ROWS = "Feature,Reach\nHöhenprofil,3\n雪崩情報,7\n"


def write_product(folder: Path, url: str) -> None:
    """Write a configuration with the sandbox's address, its mappings and a roadmap."""
    (folder / "mappings").mkdir()
    (folder / "syncer.yaml").write_text(CONFIG.replace("URL", url), encoding="utf-8")
    for side, title in (("features", "Name"), ("roadmap", "Feature")):
        (folder / "mappings" / f"{side}.yaml").write_text(MAPPING.replace("NAME", title), encoding="utf-8")
    write_rows(folder)


def write_rows(folder: Path) -> None:
    """Write a roadmap."""
    (folder / "roadmap.csv").write_text(ROWS, encoding="utf-8")
