"""The demo's product: Trailhead, a hiking app. Features in Notion and a workbook, work in Jira, as in real life."""

from __future__ import annotations

from typing import Any

PEOPLE = [
    ("Ann Okafor", "ann"), ("Björn Lindqvist", "bjorn"), ("Chiara Rossi", "chiara"), ("Dmitri Petrov", "dmitri"),
    ("Emiko Tanaka", "emiko"), ("Farid Haddad", "farid"), ("Greta Müller", "greta"), ("Hugo Alves", "hugo"),
]  # fmt: skip
GOALS = ["Hikers plan a trip in ten minutes", "Nobody is lost without signal", "Clubs bring their members"]
FEATURES = [
    # title, status, reach, impact, confidence, effort, MoSCoW
    ("Offline maps", "Planned", 12000, 3, 80, 8, "Must"),
    ("Route sharing", "In progress", 9000, 2, 90, 3, "Must"),
    ("Wetterwarnungen auf der Tour", "Planned", 7000, 2, 70, 5, "Should"),
    ("Mode nuit", "Done", 4000, 1, 100, 1, "Could"),
    ("雪崩情報", "Planned", 1500, 3, 50, 8, "Should"),
    ("Club calendars", "Planned", 3000, 2, 60, 5, "Could"),
    ("Photo journal", "In progress", 8000, 1, 80, 4, "Should"),
    ("Emergency beacon", "Planned", 11000, 3, 60, 13, "Must"),
    ("Gear lists", "Planned", 2500, 1, 70, 2, "Could"),
    ("Elevation profiles", "Done", 10000, 2, 100, 3, "Must"),
    ("Smartwatch companion", "Planned", 5000, 2, 50, 13, "Won't"),
    ("Trail conditions", "In progress", 9500, 3, 70, 6, "Must"),
]
PARTS = ["shows the list", "works without signal", "can be shared", "is translated", "survives a restart"]
BUGS = [
    "Map tiles are blurred on older phones", "Login loops after a password change", "Höhenprofil zeigt Fuß statt Meter",
    "Crash when the battery saver is on", "Le partage ouvre une page blanche", "GPS drifts in narrow valleys",
    "写真の順番が逆になる", "Notifications arrive twice", "Search ignores accents", "Dark mode leaves white borders",
]  # fmt: skip
WORDS = {"Planned": "To Do", "In progress": "In Progress", "Done": "Done"}


def jira() -> dict[str, Any]:
    """Return the Jira sandbox's seed: half the features as epics, their stories, and bugs."""
    users = [{"accountId": "acc-robot", "name": "Syncer", "email": "robot@trailhead.example", "token": "robot-token"}]
    users += [
        {"accountId": f"acc-{key}", "name": name, "email": f"{key}@trailhead.example", "token": f"{key}-token"}
        for name, key in PEOPLE
    ]
    epics = [{"type": "Epic", "summary": f[0], "status": WORDS[f[1]]} for f in FEATURES[:6]]
    stories = [
        {
            "type": "Story",
            "summary": f"{feature[0]}: {part}",
            "description": f"As a hiker I want that it {part}, so that my day is safe.",
            "assignee": f"acc-{PEOPLE[(n + m) % 8][1]}",
            "labels": ["mobile"] if n % 2 else ["mobile", "map"],
        }
        for n, feature in enumerate(FEATURES)
        for m, part in enumerate(PARTS[: 4 if n % 2 else 5])
    ]
    bugs = [{"type": "Bug", "summary": text, "assignee": f"acc-{PEOPLE[n % 8][1]}"} for n, text in enumerate(BUGS)]
    project = {
        "key": "TRAIL", "name": "Trailhead", "id": "10000",
        "sprints": [{"id": 1, "name": "Sprint 1", "state": "active"}, {"id": 2, "name": "Sprint 2", "state": "future"}],
        "versions": [{"id": str(n), "name": name} for n, name in enumerate(("2026.1", "2026.2", "2026.3"), 1)],
    }  # fmt: skip
    return {"users": users, "projects": [project], "issues": [*epics, *stories, *bugs]}


def notion() -> dict[str, Any]:
    """Return the Notion sandbox's seed: all features but two, and the goals they serve."""
    status = {"To-do": ["Planned"], "In progress": ["In progress"], "Complete": ["Done"]}
    features = [
        {
            "properties": {
                "Name": title, "Status": state, "Reach": reach, "Impact": impact, "Confidence": confidence,
                "Effort": effort, "MoSCoW": moscow,
            },
        }
        for title, state, reach, impact, confidence, effort, moscow in FEATURES[:10]
    ]  # fmt: skip
    return {
        "users": [
            {"name": "Syncer", "type": "bot", "token": "ntn_robot"},
            *({"name": name, "email": f"{key}@trailhead.example", "token": f"ntn_{key}"} for name, key in PEOPLE),
        ],
        "data_sources": [
            {
                "name": "Features",
                "id": "11111111-1111-4111-8111-111111111111",
                "properties": {
                    "Name": "title", "Syncer ID": "rich_text", "Owner": "people", "Dates": "date", "Reach": "number",
                    "Impact": "number", "Confidence": "number", "Effort": "number",
                    "Status": {"status": {"groups": status}},
                    "MoSCoW": {"select": {"options": ["Must", "Should", "Could", "Won't"]}},
                },
                "pages": features,
            },
            {
                "name": "Goals",
                "id": "22222222-2222-4222-8222-222222222222",
                "properties": {"Name": "title", "Syncer ID": "rich_text"},
                "pages": [{"properties": {"Name": goal}} for goal in GOALS],
            },
        ],
    }  # fmt: skip


def rows() -> list[list[Any]]:
    """Return the roadmap sheet: every feature but the first two, with dates."""
    head = ["Feature", "Status", "Reach", "Effort", "Starts", "Due"]
    body = [
        [f[0], f[1], f[2], f[5], f"2026-{n % 9 + 1:02}-05", f"2026-{n % 9 + 3:02}-20"]
        for n, f in enumerate(FEATURES[2:])
    ]
    return [head, *body]
