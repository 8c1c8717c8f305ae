"""What is built installs, and works, where nothing of the source is: as root, as nobody, in far places."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.package.environment import NOBODY, ROOT, Environment, build, python_for
from tests.package.product import SEED, TOKEN, write_product, write_rows


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that anybody may enter, with a space in its name, far from the source."""
    made = Path(tempfile.mkdtemp(prefix="far away "))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def built(folder: Path, source: set[str]) -> tuple[Path, Path]:
    """The source archive and the wheel."""
    return build(folder)


@pytest.fixture(scope="module")
def source() -> set[str]:
    """The names of our files as they are before the build."""
    return {str(path.relative_to(ROOT)) for path in files(ROOT / "syncer")}


@pytest.fixture(scope="module")
def bare(folder: Path, built: tuple[Path, Path]) -> Environment:
    """An environment that was empty, with the wheel and all it says it needs without extras."""
    python = python_for(NOBODY if os.getuid() == 0 else None) or python_for(None)
    assert python is not None
    return Environment(folder / "an environment", built[1], python)


@pytest.fixture(scope="module")
def complaint(folder: Path, bare: Environment) -> str:
    """What the command says, while there are no extras, of a product that needs one."""
    shell = Shell(folder / "bare", bare, "UTC")
    write_product(shell.work, "http://127.0.0.1:1")
    return shell.run("syncer", "check", expect=2, of="err")


@pytest.fixture(scope="module")
def environment(bare: Environment, complaint: str) -> Environment:
    """The same environment, with the extras."""
    bare.add("jira", "notion", "xlsx")
    return bare


class Shell:
    """A person's shell in an empty folder with an empty HOME, where nothing but our command is found."""

    def __init__(self, folder: Path, environment: Environment, zone: str, user: int | None = None) -> None:
        self.environment, self.user = environment, user
        self.work, home = folder / "work", folder / "home"
        for each in (folder, self.work, home):
            each.mkdir(exist_ok=True)
            if user is not None:
                os.chown(each, user, user)
        self.words = {"HOME": str(home), "LANG": "C", "TZ": zone, "PATH": str(environment.bin), "COLUMNS": "110"}
        self.words["NOTION_TOKEN"] = TOKEN

    def give_all(self) -> None:
        """Make everything in the folder the user's own."""
        for path in self.work.rglob("*"):
            if self.user is not None:
                os.chown(path, self.user, self.user)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command, and do not wait for it."""
        return subprocess.Popen(
            [self.environment.bin / words[0], *words[1:]],
            cwd=self.work,
            env=self.words,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *words: str, expect: int = 0, of: str = "out") -> str:
        """Run a command to its end; return what it printed, or what it complained."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert process.returncode == expect, f"{words} left with {process.returncode}:\n{out}\n{err}"
        return out if of == "out" else err


def first_sync(shell: Shell) -> None:
    """Ask for the version, start a sandbox, let `init` look at it and at a file, and bring the two together."""
    assert shell.run("syncer", "--version").startswith("syncer 0.")
    (shell.work / "seed.json").write_text(json.dumps(SEED), encoding="utf-8")
    write_rows(shell.work)
    shell.give_all()
    sandbox = shell.start("syncer", "sandbox", "start", "notion", "--seed", "seed.json")
    assert sandbox.stdout is not None
    try:
        url = sandbox.stdout.readline().split(" at ")[1].split()[0]
        notion = f"notion:url={url},token=env:NOTION_TOKEN"
        flags = ["--product", "trailhead", "--connection", notion, "--connection", "csv:path=roadmap.csv"]
        shell.run("syncer", "init", *flags)
        written = shell.work / "syncer.yaml"
        written.write_text(written.read_text("utf-8").replace("access: read\n", "access: write\n"), encoding="utf-8")
        shell.run("syncer", "sync")
        names = {row.partition(",")[0] for row in (shell.work / "roadmap.csv").read_text("utf-8").splitlines()}
        with urllib.request.urlopen(f"{url}/_sandbox/dump", timeout=30) as answer:
            dump = answer.read().decode()
        assert {"Höhenprofil", "雪崩情報"} <= names
        assert "雪崩情報" in json.dumps(json.loads(dump), ensure_ascii=False)
    finally:
        sandbox.send_signal(signal.SIGINT)
        _, err = sandbox.communicate(timeout=60)
    assert (sandbox.returncode, err) == (0, "")


def test_the_wheel_works_in_an_empty_environment_far_from_the_source(folder, environment):
    shell = Shell(folder / "far east", environment, "Pacific/Kiritimati")
    first_sync(shell)

    code = "import json, sys, syncer; print(json.dumps([syncer.__file__, *sys.path]))"
    module, _, *places = json.loads(shell.run("python", "-c", code))
    assert Path(module).is_relative_to(environment.site)
    assert [place for place in places if Path(place).is_relative_to(ROOT)] == []


def test_the_wheel_works_for_an_ordinary_user_without_a_name(folder, environment):
    if os.getuid() != 0:
        pytest.skip("this run is an ordinary user's already")
    if python_for(NOBODY) is None:
        pytest.skip("no interpreter on this machine may be run by other users")
    first_sync(Shell(folder / "far west", environment, "Pacific/Pago_Pago", NOBODY - 4711))


def test_the_wheel_holds_all_that_it_needs_and_no_test(source, built):
    names = set(zipfile.ZipFile(built[1]).namelist())
    tops = {name.partition("/")[0] for name in names if name.endswith(".py")}
    shipped = {path.name for path in files(ROOT / "mappings")}

    assert tops == {"syncer", *(path.parent.name for path in (ROOT / "adapters").glob("*/__init__.py"))}
    assert source <= names
    assert {"syncer/store/migrations/script.py.mako", "syncer/py.typed"} <= names
    assert {"schema.json", "jira-csv.yaml"} <= shipped
    assert {name.rpartition("/")[2] for name in names if "/share/pm-syncer/docs/" in name} == {"mapping.md", "model.md"}
    assert shipped == {name.rpartition("/")[2] for name in names if "/share/pm-syncer/mappings/" in name}
    assert [name for name in names if stray(name)] == []


def test_the_source_archive_builds_the_wheel_and_holds_no_test(built):
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "syncer/api.py", "mappings/schema.json"} <= names
    assert [name for name in names if stray(name)] == []


def test_without_extras_a_missing_library_is_named_with_the_command_that_brings_it(complaint):
    assert "needs the library" in complaint
    assert "pip install 'pm-syncer[notion]'" in complaint


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that belong to the project."""
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def stray(name: str) -> bool:
    """Say whether a file does not belong into an archive: a test, a recording, or something that a run left."""
    parts = set(Path(name).parts)
    return bool(parts & {"tests", "cassettes", "benchmarks", "__pycache__", ".demo"}) or name.endswith((".db", ".pyc"))


def test_every_library_that_is_asked_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    table = project["project"]
    asked = {
        *table["dependencies"],
        *chain(*table["optional-dependencies"].values()),
        *project["build-system"]["requires"],
    }
    names = {canonicalize_name(Requirement(each).name) for each in asked} - {"pm-syncer"}
    pins = [Requirement(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line]

    assert "hatchling" in names
    assert names - {canonicalize_name(pin.name) for pin in pins} == set()
    assert [str(pin) for pin in pins if not str(pin.specifier).startswith("==")] == []
