"""Settings of a machine: none is missed, whatever backend brings it, and none is left in what came from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from imigue_build.backends.configs import load
from imigue_build.backends.registry import registry
from imigue_build.config import Align, BackendSection, CorpusSection, Section, Task
from imigue_build.config.base import LOCAL, MODEL, Model, Place, is_marked, is_of_machine, is_path
from imigue_build.config.keys import sections_in
from imigue_build.config.loading import Config
from imigue_build.config.of_machine import Portable, find, local_models, portable

FREE_TEXTS = {
    "name",
    *(f"corpus.{name}" for name in CorpusSection.model_fields),
    "extract.streams",
    "extract.channels",
    "extract.language",
    "transcribe.language",
    "transcribe.revision",
    "transcribe.align_revision",
    "transcribe.compute_type",
    "transcribe.initial_prompt",
    "transcribe.hotwords",
    "diarize.revision",
}
"""Settings that take any text, which names nothing of a machine."""
OF_MACHINE = {
    ("asr", "given", "folder"),
    ("diarization", "given", "folder"),
    ("alignment", "mfa", "launcher"),
    ("alignment", "mfa", "lexicon"),
    ("alignment", "pocketsphinx", "lexicon"),
}


def settings() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting of every section, of all backends, by its dotted key; each section once at a place."""

    def within(
        section: type[Section], above: str, around: tuple[type[Section], ...]
    ) -> Iterator[tuple[str, FieldInfo]]:
        for name, field in section.model_fields.items():
            inner = [part for part in sections_in(field, registry()) if part not in around]
            for part in inner:
                yield from within(part, f"{above}{name}.", (*around, part))
            if not sections_in(field, registry()):
                yield above + name, field

    yield from within(Config, "", ())


def takes_text(annotation: Any) -> bool:
    """Whether a text that is none of a few fits."""
    if get_origin(annotation) is Literal:
        return False
    return annotation is str or any(takes_text(part) for part in get_args(annotation))


def test_every_setting_that_takes_any_text_is_known() -> None:
    """A new one is given a type of `config.base`, or said here to name nothing of a machine."""
    free = {
        key.replace("transcribe.asr.", "transcribe.")
        for key, field in settings()
        if takes_text(field.annotation) and not is_of_machine(field) and not is_marked(field, MODEL)
    }
    assert free <= FREE_TEXTS, free - FREE_TEXTS


def test_what_is_of_a_machine_is_in_no_identity_and_is_left_out() -> None:
    for spec in registry():
        names = [name for name, field in spec.section.model_fields.items() if is_of_machine(field)]
        assert {name for task, backend, name in OF_MACHINE if (task, backend) == (spec.task, spec.name)} <= set(names)
        section = {"backend": spec.name, **dict.fromkeys(names, "x"), "pause": 0.5}
        stage = {"asr": "transcribe", "diarization": "diarize", "alignment": "align"}[spec.task]
        left = portable({stage: section}, registry())
        assert left.document == {stage: {"backend": spec.name, "pause": 0.5}}
        assert {setting.dotted for setting in left.left_out} == {f"{stage}.{name}" for name in names}
    config = load("paper", ["align.lexicon=/x/lexicon.csv", "extract.ffmpeg=/x/ffmpeg", "align.launcher=conda run mfa"])
    identities = {name: getattr(config, name).identity() for name in ("extract", "transcribe", "diarize", "align")}
    assert list(find(identities, registry())) == []
    assert not {"launcher", "lexicon", "ffmpeg", "device", "jobs"} & {key for one in identities.values() for key in one}


class Outside(Align):
    """A backend of another wheel: settings of a machine in every form."""

    backend: Literal["outside"]
    plain: Place = "/x"
    optional: Place | None = None
    several: tuple[Place, ...] = ()
    named: dict[str, Place] | None = None
    typed: Path | None = None
    model: Model | None = None
    models: tuple[Model, ...] = ()


class Wheel:
    """A catalogue of that backend alone."""

    problems: Sequence[str] = ()

    def sections(self, task: Task) -> Mapping[str, type[BackendSection]]:
        return {"outside": Outside} if task == "alignment" else {}


@pytest.mark.parametrize("name", ["plain", "optional", "several", "named", "typed"])
def test_a_mark_within_a_type_counts(name: str) -> None:
    assert is_of_machine(Outside.model_fields[name])
    assert name not in Outside(backend="outside").identity()
    found = portable({"align": {"backend": "outside", name: "bin/x"}}, Wheel())
    assert found.document == {"align": {"backend": "outside"}}


def test_a_model_that_is_a_path_is_one_to_be_named() -> None:
    for path in ("/home/me/model", "~/model", "./model", "../model", "C:\\model", "\\\\host\\model", "file:///x"):
        found = portable({"align": {"backend": "outside", "model": path}}, Wheel())
        assert found.document == {"align": {"backend": "outside", "model": LOCAL}}, path
        assert [(setting.dotted, setting.is_model) for setting in found.left_out] == [("align.model", True)]
    name = {"align": {"backend": "outside", "model": "organisation/name", "models": ["base"]}}
    assert portable(name, Wheel()) == Portable(name, ())


def test_a_model_whose_name_is_a_file_here_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load("paper")
    assert list(local_models(config)) == []
    (tmp_path / "english_us_arpa").mkdir()
    assert list(local_models(config)) == [("align", "acoustic_model"), ("align", "dictionary")]


def test_a_key_is_shown_as_one_printable_line() -> None:
    (found,) = find({"align": {"\x1b]0;title\x07\n": "/x"}}, registry())
    assert found.dotted.isprintable()


def test_paths_anywhere_and_backends_that_are_not_here() -> None:
    document = {
        "align": {"backend": "of another wheel", "launcher": ["sh"], "tool": "/bin/sh", "deep": {"er": ["x", "../y"]}},
        "transcribe": {"backend": "given", "asr": {"backend": "faster-whisper", "device": "cuda", "model": "/m"}},
        "overrides": "/etc",
        "more": {"backend": 3, "x": None},
        "name": "x",
    }
    assert {setting.dotted for setting in find(document, registry())} == {
        "align.launcher",
        "align.tool",
        "align.deep.er",
        "transcribe.asr.device",
        "transcribe.asr.model",
        "overrides",
    }
    assert [is_path(value) for value in ("a/b", "base", 3, None, ["x"], "/")] == [False] * 5 + [True]
