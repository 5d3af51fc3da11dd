"""The tree is tidy: files one can read in one sitting, locks that hold, nothing of anybody's machine."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LONGEST = 450
LOCKS = ("requirements.lock", "requirements-dev.lock")

# What .gitignore keeps out of the tree; it is not asked, so that this holds in an unpacked archive too.
NOT_OURS = re.compile(r"__pycache__|.*\.egg-info|data|build|dist|htmlcov|node_modules|\.(?!ci$).*")
SOURCE = {".py", ".js", ".css", ".html", ".typ", ".sh", ".j2"}
TEXT = SOURCE | {".md", ".toml", ".lock", ".po", ".txt", ".json", ".csv", ".svg", ".yml", ".yaml"}
TEXT_NAMES = {"Makefile", "run", ".importlinter", ".gitignore"}

MACHINE = re.compile(
    r"(?:^|[\s\"'`=(,;])(?:file://)?/(?:root|work|home/\w+|Users/\w+|opt/(?:pypi|wheels))\b"
)
INDEX = re.compile(
    r"/simp[l]e/|python[h]osted|--(extra-)?index[-]url|--find[-]links|--trusted[-]host"
)
LEFTOVER = re.compile(r".*(?:\.orig|\.rej|\.bak|~)")


def everything(*, under: Path = ROOT) -> Iterator[Path]:
    """The files of the tree, however it came here."""
    for path in sorted(under.iterdir()):
        if not path.is_dir():
            yield path
        elif not NOT_OURS.fullmatch(path.name):
            yield from everything(under=path)


def files() -> Iterator[Path]:
    """Those that hold text."""
    return (p for p in everything() if p.suffix in TEXT or p.name in TEXT_NAMES)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[str]:
    """The paths that git keeps; in an unpacked archive, which brings no others, all there are."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if listed.returncode == 0:
            return listed.stdout.split("\0")
    return [name(path) for path in everything()]


def locked(lock: str) -> dict[str, list[str]]:
    """The requirements of a lock file, each "name==version ; marker" with the lines of its hashes."""
    requirements: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        text = line.removesuffix("\\").strip()
        if line.startswith(" ") and text.startswith("--hash="):
            list(requirements.values())[-1].append(text)
        elif text and not text.startswith("#"):
            requirements[text] = []
    return requirements


def versions(lock: str) -> dict[str, str]:
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in map(Requirement, locked(lock))
    }


def test_every_source_file_can_be_read_in_one_sitting() -> None:
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files()
        if path.suffix in SOURCE and "migrations" not in path.parts
    }

    assert lengths
    assert {n: length for n, length in lengths.items() if length > LONGEST} == {}


def test_every_python_file_says_first_what_it_is_for() -> None:
    silent = []
    for path in files():
        text = path.read_text(encoding="utf-8") if path.suffix == ".py" else ""
        if text.strip() and not (
            text.startswith(('"""', 'r"""')) and ast.get_docstring(ast.parse(text))
        ):
            silent.append(name(path))

    assert silent == []


def test_no_leftover_of_an_editor_or_a_merge_is_kept() -> None:
    kept = tracked()

    assert "Makefile" in kept
    assert [each for each in kept if LEFTOVER.fullmatch(each)] == []


@pytest.mark.parametrize("pattern", [MACHINE, INDEX], ids=["machine", "index"])
def test_nothing_in_the_tree_is_bound_to_one_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()[:100]}"
        for path in files()
        # A sample is in Latin-1, as old programs write it.
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if pattern.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_every_requirement(lock: str) -> None:
    requirements = locked(lock)

    assert len(requirements) > 20
    for requirement, hashes in requirements.items():
        assert re.match(r"[\w.-]+==[\w.]+(?: ; .+)?$", requirement)
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_the_locks_answer_what_the_project_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev = map(versions, LOCKS)
    asked = [(run, text) for text in project["project"]["dependencies"]]
    asked += [(run, text) for text in project["build-system"]["requires"]]
    asked += [(dev, t) for t in project["dependency-groups"]["dev"] if isinstance(t, str)]

    for lock, text in asked:
        requirement = Requirement(text)
        version = lock.get(canonicalize_name(requirement.name))
        assert version is not None, f"{text} is in no lock: make lock"
        assert requirement.specifier.contains(version, prereleases=True), f"{text}: make lock"


def test_the_tests_run_on_what_is_served() -> None:
    run, dev = map(versions, LOCKS)

    assert run.items() <= dev.items()
