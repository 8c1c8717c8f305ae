"""What our pages and messages name exists: commands and options, files, modules, targets of make, tests, folders."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.commands import command_line, complaint
from tests.docs.pages import ROOT, blocks, files, links, marked, pages, prose

PAGES = pages()
TOP = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
MADE = {Path(path).name for path in re.findall(r"--out (\S+)", (ROOT / "Makefile").read_text("utf-8"))}
NAMES = {path.name for path in files()} | MADE
"""What a page may name without saying where it is: our files, and those that a target of make writes."""

NOT_YET = re.compile(r"^## Not yet$.*?(?=^## )", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Return the command lines that a text names in code marks, or runs in a block."""
    named = [" ".join(span.split()) for span in re.findall(r"`(syncer [^`]+)`", text)]
    return named + re.findall(r"^ *\$ (syncer [^#\n]*)", text, re.MULTILINE)


def test_every_command_that_is_named_exists():
    places = [*PAGES.items(), *((str(p.relative_to(ROOT)), p.read_text("utf-8")) for p in sources())]
    named = [(place, line) for place, text in places for line in commands(NOT_YET.sub("", text))]

    assert len(named) > 20
    assert [f"{place}: {wrong}" for place, line in named if (wrong := complaint(line))] == []


def sources() -> Iterator[Path]:
    """Yield our own code and the mappings: they name commands in messages and remarks."""
    return (
        path
        for path in files(".py", ".yaml")
        if path.relative_to(ROOT).parts[0] in {"syncer", "adapters", "mappings", "docs"}
    )


@pytest.mark.parametrize("line", ["syncer synk", "syncer plan --everything", "syncer status now"])
def test_a_command_that_does_not_exist_is_noticed(line):
    assert complaint(line)


def test_what_is_called_not_yet_does_not_exist():
    section = NOT_YET.search(PAGES["README.md"])
    assert section is not None

    assert [line for line in commands(section[0]) if not complaint(line)] == []


def test_every_command_is_on_the_first_page():
    names = {line.split()[1] for line in commands(PAGES["README.md"])}

    assert set(command_line().commands) - names == set()


def test_every_command_that_tells_something_takes_json():
    commands = command_line().commands
    flat = {**commands, **commands["conflicts"].commands}
    silent = {"conflicts", "sandbox", "schema", "resolve"}

    assert [n for n, c in flat.items() if n not in silent and not any("--json" in p.opts for p in c.params)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_path_on_a_page_leads_somewhere(page):
    home = (ROOT / page).parent
    targets = [link.partition("#")[0] for link in links(PAGES[page]) if "://" not in link]
    broken = [target for target in targets if target and not (home / target).exists()]

    assert broken == []
    assert [p for p in paths(PAGES[page]) if p not in NAMES and not ((ROOT / p).exists() or (home / p).exists())] == []


def paths(text: str) -> list[str]:
    """Return what a page names as a path of ours: it begins with a folder of ours, or is a page or module."""
    words = [word for span in marked(text) for word in re.findall(r"^[\w./-]+$", span)]
    return [w for w in words if ("/" in w and w.split("/")[0] in TOP) or re.fullmatch(r"[\w-]+\.(md|py)", w)]


def test_every_module_to_be_run_exists():
    named = {name for text in PAGES.values() for name in re.findall(r"python -m ([\w.]+)", text)}

    assert named >= {"syncer.store.describe", "syncer.model.describe"}
    assert [name for name in named if importlib.util.find_spec(name) is None] == []


def test_every_target_of_make_that_is_named_exists():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for text in PAGES.values() for name in re.findall(r"`make (\w+)", text)}

    assert named
    assert named - targets == set()


def test_every_test_that_is_named_exists():
    tests = {name for path in files(".py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))}
    named = {name for text in PAGES.values() for span in marked(text) for name in re.findall(r"\btest_\w+$", span)}

    assert named - tests == set()


def test_every_folder_tells_a_newcomer_what_lives_there():
    folders = {path.parent for path in files(".py", ".yaml", ".md")} - {ROOT}
    silent = [str(f.relative_to(ROOT)) for f in sorted(folders) if not introduced(f)]

    assert len(folders) > 30
    assert silent == []


def introduced(folder: Path) -> bool:
    """Say whether a folder has a page, a docstring, or a row in the page of a folder it lies in."""
    code = folder / "__init__.py"
    if code.exists() and ast.get_docstring(ast.parse(code.read_text("utf-8"))):
        return True
    above = [parent / "README.md" for parent in folder.parents if parent.is_relative_to(ROOT) and parent != ROOT]
    rows = [(page.parent, page.read_text("utf-8")) for page in above if page.exists()]
    return (folder / "README.md").exists() or any(f"`{folder.relative_to(home)}/" in text for home, text in rows)


def test_every_mapping_and_page_has_a_row_in_the_list_of_its_folder():
    for folder in ("mappings", "docs"):
        page = (ROOT / folder / "README.md").read_text("utf-8")
        names = {path.name for path in (ROOT / folder).iterdir() if path.is_file()} - {"README.md"}

        assert len(names) > 4
        assert [name for name in names if f"`{name}`" not in page and f"]({name})" not in page] == []


def test_no_file_knows_the_machine_it_was_written_on():
    private = re.compile(
        r"(?<![\w.:/-])/(?:work|tmp|root|home(?!/you/)|Users|opt|mnt)/|pypi\.|python[h]osted|index[-]url"
    )
    found = []
    for path in files():
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
        found += [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if private.search(line)]

    assert found == []


def test_our_own_commands_need_no_other_tool():
    text = (ROOT / "Makefile").read_text("utf-8") + (ROOT / ".ci" / "run").read_text("utf-8")

    assert re.findall(r"\b(?:git|node|npm|docker|curl|wget|sudo)\b", text) == []


def test_the_pages_speak_of_something():
    assert sum(len(prose(text)) for text in PAGES.values()) > 10_000
    assert sum(1 for page, text in PAGES.items() for _ in blocks(page, text)) > 10
