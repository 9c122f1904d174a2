"""The registry: which backends there are, what is said of broken and clashing ones, and that nothing else names one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Literal, get_args

import pytest

import imigue_build
from imigue_build.backends import registry
from imigue_build.backends.base import Transcriber
from imigue_build.backends.configs import load
from imigue_build.backends.registry import Registry
from imigue_build.backends.spec import BackendSpec, Needs, Package
from imigue_build.config import Config, Section, Task, Transcribe
from imigue_build.config.base import Count, Place
from imigue_build.config.loading import load_recipe
from imigue_build.core.entry_points import loaded
from imigue_build.core.errors import BackendError, ConfigError

PACKAGE = Path(imigue_build.__file__).parent
ALLOWED = {
    "pyannote": ("apps/scoring/", "core/telemetry.py", "core/extras.py", "cli/"),  # its metrics, variable, package
    "mfa": ("cli/", "corpus/annotations/"),  # its variable, the same example, its files
    "whisper": ("cli/", "core/extras.py", "text/symbols.py", "text/marks.py", "apps/bench/", "corpus/annotations/"),
    "whisperx": ("core/extras.py", "corpus/annotations/"),
}
"""Modules that may name a tool that is also a backend, as it is something else there."""


class Inner(Section):
    size: Count = 3


class Other(Transcribe):
    backend: Literal["other"]
    beam: Count = 5
    folder: Annotated[Place, "somewhere"]
    inner: Inner = Inner()


class Twin(Transcribe):
    backend: Literal["pocketsphinx"]


def refuse(section: Other) -> Transcriber:
    raise ModuleNotFoundError("No module named 'heavy'")


OTHER = BackendSpec("other", "asr", Other, refuse, packages=(Package("heavy", ">=2"),))
TWIN = BackendSpec("pocketsphinx", "asr", Twin, refuse)
MISNAMED = BackendSpec("another", "asr", Other, refuse)
NO_TASK = BackendSpec("other", "singing", Other, refuse)  # type: ignore[arg-type]
NO_SPEC = "other"


def points(*names: str) -> list[EntryPoint]:
    return [EntryPoint(name.lower(), f"{__name__}:{name}", "imigue_build.backends") for name in names]


def load_with(name: str, settings: list[str], catalogue: Registry) -> Config:
    return load_recipe(name, settings, catalogue).config


def with_outside(*names: str) -> Registry:
    return Registry(registry.BUILT_IN, loaded(points(*names)))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["MISSING"], "cannot be loaded (AttributeError: "),
        (["NO_SPEC"], "it is no BackendSpec but a str"),
        (["NO_TASK"], "its task 'singing' is none of asr, diarization, alignment"),
        (["MISNAMED"], "the backend of its section is not Literal['another']"),
        (["TWIN"], "is not used: imigue-build has one of that name"),
        (["OTHER", "OTHER"], "is not used: the name is taken twice, uninstall one of them"),
    ],
)
def test_what_cannot_be_used_is_said_and_stops_nothing(names: list[str], said: str) -> None:
    found = with_outside(*names)
    (problem,) = found.problems
    assert said in problem
    assert found.find("asr", "pocketsphinx") is registry.registry().find("asr", "pocketsphinx")
    with pytest.raises(ConfigError) as caught:
        load_with("embedded", ["transcribe.backend=other"], found)
    assert problem in str(caught.value)


def test_each_backend_is_found_under_its_own_name() -> None:
    assert {key: (spec.task, spec.name) for key, spec in registry.BUILT_IN.items()} == {
        key: key for key in registry.BUILT_IN
    }


def test_only_the_backends_that_a_recipe_names_are_imported() -> None:
    code = (
        "import sys\nfrom imigue_build.backends.configs import load\nload('embedded')\n"
        "print(*sorted(name for name in sys.modules if name.endswith('.spec') and '.backends.' in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    folders = ("alignment.pocketsphinx", "asr.faster_whisper", "diarization.segmentation_onnx")
    found = [f"imigue_build.backends.{folder}.spec" for folder in folders]
    assert done.stdout.split() == [*found, "imigue_build.backends.spec"]


def test_an_outside_backend_has_its_settings(tmp_path: Path) -> None:
    found = with_outside("OTHER")
    assert not found.problems and found.outside == {("asr", "other"): "an unknown package"}
    settings = ["transcribe.backend=other", f"transcribe.folder={tmp_path}", "transcribe.inner.size=4"]
    config = load_with("embedded", settings, found)
    assert config.transcribe.identity() == {
        "backend": "other",
        "beam": 5,
        "inner": {"size": 4},
    }
    with pytest.raises(
        ConfigError,
        match=r"transcribe\.inner\.siz is no setting: did you mean transcribe\.inner\.size\? It is one of size",
    ):
        load_with("embedded", [*settings[:2], "transcribe.inner.siz=4"], found)
    assert OTHER.defaults == {"beam": 5, "inner": {"size": 3}}


def test_what_it_lacks_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = with_outside("OTHER")
    monkeypatch.setattr(registry, "registry", lambda: found)
    with pytest.raises(BackendError, match=r"cannot be imported \(No module named 'heavy'\): pip install 'heavy>=2'"):
        registry.make(Other(backend="other", folder=str(tmp_path)))


def test_a_name_that_there_is_not_falls_through_to_nothing() -> None:
    class Unknown(Transcribe):
        backend: Literal["unknown"] = "unknown"

    with pytest.raises(BackendError, match="there is no asr backend 'unknown' here"):
        registry.transcriber(Unknown())


def test_a_part_counts_with_its_whole(tmp_path: Path) -> None:
    settings = ["transcribe.backend=given", f"transcribe.folder={tmp_path}", "transcribe.asr.backend=whisperx"]
    config = load("embedded", settings)
    assert [wanted.kind for wanted in registry.models(config)] == ["whisper", "wav2vec2"]
    needs = registry.needs(config.transcribe)
    assert needs.gpu == "yes" and needs.memory.total > 4 and needs.interviews == 1
    assert registry.needs(config.align) == Needs()


def test_what_a_process_takes_is_what_the_settings_say() -> None:
    found = registry.needs(load("paper", ["align.jobs=3", "align.interviews=5"]).align)
    assert (found.gpu, found.cores, found.interviews) == ("no", 3, 5)
    gpu = registry.needs(load("paper").diarize)
    assert gpu.gpu == "auto" and gpu.memory.total == 2.0


def test_each_backend_names_what_it_reports() -> None:
    """By these names `diff` finds the stage of a tool in releases that do not record it."""
    for recipe, settings in (("embedded", []), ("minimal", []), ("minimal", ["diarize.embedding=builtin"])):
        for section in load(recipe, settings).backends.values():
            spec, found = registry.spec_of(section), registry.make(section).provenance()
            assert set(found.tools) <= set(spec.tools)
            assert all(
                any(f"{model.name} ".startswith(f"{name} ") for name in spec.model_names) for model in found.models
            )


def texts(path: Path) -> str:
    """The strings, docstrings, names and imports of a module, in lower case."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found += [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    return "\n".join(found).lower()


def test_no_other_module_names_a_backend() -> None:
    folders = [
        path.name for task in get_args(Task) for path in (PACKAGE / "backends" / task).iterdir() if path.is_dir()
    ]
    names = {spec.name for spec in registry.registry()} | set(folders)
    sought = {part for name in names for part in re.split("[^a-z]", name)} - {"", "given", "pycache", "faster"}
    assert {"pocketsphinx", "whisper", "whisperx", "dvector", "pyannote", "mfa", "precomputed"} <= sought
    naming: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith("backends/"):
            said = texts(path)
            named = [name for name in sorted(sought) if re.search(rf"(?<![a-z]){name}", said)]
            naming += [f"{place}: {name}" for name in named if not place.startswith(ALLOWED.get(name, ("-",)))]
    assert naming == []
