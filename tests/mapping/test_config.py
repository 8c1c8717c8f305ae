"""Every mistake in a configuration is named where it stands, with what to do next."""

from __future__ import annotations

import pytest

from syncer.errors import ConfigError
from syncer.mapping.load import SeveralError


def test_a_good_configuration_loads(load, tmp_path):
    config = load()

    assert config.product == "trailhead"
    assert config.store == tmp_path / ".syncer/trailhead.db"
    assert config.connections["here"].access == "read"
    assert config.connections["here"].settings.folder == tmp_path / "data"
    assert config.collections["backlog"].settings.project == "TH"
    assert config.people["ann@example.com"].accounts == {"here": "a1"}


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("system: tracker", "system: traker", "5:13", 'Did you mean "tracker"'),
        ("connection: here", "connection: her", "10:17", 'Did you mean "here"'),
        ("    project: TH", "    projet: TH", "11:5", 'Did you mean "project"'),
        ("product: trailhead", "product: trailhead\nguard: {}", "3:1", 'Did you mean "guards"'),
        ("format: 1", "format: 2", "1:9", "must be 1"),
        ("mapping: backlog.yaml", "mapping: backlgo.yaml", "12:14", "no mapping file"),
        ("token: {env: TRACKER_TOKEN}", "token: s3cr3t", "6:12", "{env: NAME_OF_A_VARIABLE}"),
        ("accounts: {here: a1}", "accounts: {hree: a1}", "14:73", 'Did you mean "here"'),
        ("people:", "policies: {default: 'owner: backlgo'}\npeople:", "13:", 'Did you mean "backlog"'),
        ("people:", "full_every: soon\npeople:", "13:13", "number"),
        ("product: trailhead", "product: [", "", "not valid YAML"),
        ("product: trailhead", "product: a\nproduct: b", "3:1", "duplicate key"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_configuration_is_named_at_its_place(load, texts, old, new, place, words):
    with pytest.raises(ConfigError) as caught:
        load(config=texts[0].replace(old, new))

    assert f"syncer.yaml:{place}" in str(caught.value)
    assert words in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("  story:", "  stroy:", "3:3", 'Did you mean "story"'),
        ("title: Summary", "titel: Summary", "6:7", 'Did you mean "title"'),
        ("idea: To Do", "ideas: To Do", "9:18", 'Did you mean "idea"'),
        ("    record: Story", "    recrod: Story", "4:5", 'Did you mean "record"'),
        ("      title: Summary", "      title: Summary\n      custom.tier: Tier", "7:20", "does not say what it holds"),
        ("        field: Status", "        feld: Status", "8:9", 'Did you mean "field"'),
        ("    record: Story", "    where: {status: dune}\n    record: Story", "4:21", 'Did you mean "done"'),
        ("    record: Story", "    key: url\n    record: Story", "4:10", "not mapped here"),
        ("        field: Status", "        policy: {owner: jira}\n        field: Status", "8:17", "unknown collection"),
        ("        field: Status", "        read: {Done: idea}\n        field: Status", "8:22", "does not show"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_named_at_its_place(load, texts, old, new, place, words):
    with pytest.raises(ConfigError) as caught:
        load(mapping=texts[1].replace(old, new))

    assert f"backlog.yaml:{place}" in str(caught.value)
    assert words in str(caught.value)


def test_several_mistakes_are_told_at_once(load, texts):
    with pytest.raises(SeveralError) as caught:
        load(mapping=texts[1].replace("title:", "titel:").replace("idea:", "ideas:"))

    assert len(caught.value.problems) == 2
    assert "titel" in str(caught.value)
    assert "ideas" in str(caught.value)


def test_a_secret_that_is_not_set_is_named(load, monkeypatch):
    monkeypatch.delenv("TRACKER_TOKEN", raising=False)

    with pytest.raises(ConfigError, match="TRACKER_TOKEN is not set"):
        load().secrets("here")

    monkeypatch.setenv("TRACKER_TOKEN", "s3cr3t")
    assert load().secrets("here") == {"token": "s3cr3t"}


def test_a_profile_points_elsewhere_and_has_its_own_store(load, tmp_path):
    config = load(profile="trial")

    assert config.collections["backlog"].settings.project == "TRY"
    assert config.store == tmp_path / ".syncer/trailhead-trial.db"
    with pytest.raises(ConfigError, match='Did you mean "trial"'):
        load(profile="trail")


def test_a_mistake_in_a_profile_is_named_inside_the_profile(load, texts):
    with pytest.raises(ConfigError, match=r"syncer\.yaml:18:17"):
        load(config=texts[0].replace("{project: TRY}", "{projet: TRY}"), profile="trial")


def test_access_does_not_change_the_fingerprint_and_a_mapping_does(load, texts):
    plain = load().fingerprint

    assert load(config=texts[0].replace("system: tracker", "system: tracker\n    access: write")).fingerprint == plain
    assert load(mapping=texts[1].replace("planned: To Do, ", "")).fingerprint != plain


def test_a_folder_called_by_another_path_is_the_same_configuration(load, texts, tmp_path, monkeypatch):
    whole = load()
    monkeypatch.chdir(tmp_path)
    near = load(called="syncer.yaml")
    elsewhere = load(config=texts[0].replace("folder: data", "folder: other"))

    assert near.connections["here"].settings != whole.connections["here"].settings
    assert near.fingerprint == whole.fingerprint
    assert elsewhere.fingerprint != whole.fingerprint
