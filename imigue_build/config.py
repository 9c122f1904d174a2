"""The settings of every stage: strict models, loading, and each stage's own slice.

A config is a YAML file with one section a stage; the section's `backend` decides which settings
it takes. An unknown key is an error that names the nearest key; all faults of a file are reported
together.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from imigue_build.errors import ConfigError

Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """Base of all sections: strict types, no unknown key, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


class Vad(Section):
    """Silero VAD: hysteresis thresholds on the speech probability, then durations in seconds."""

    onset: Share = 0.5
    offset: Share = 0.35
    min_speech: Seconds = 0.1
    min_silence: Seconds = 0.3
    pad: Seconds = 0.1


class AsrVad(Vad):
    """As `Vad`, for utterances to be decoded: short silences divide them, and they keep some around."""

    min_silence: Seconds = 0.2
    pad: Seconds = 0.2


class SpeakerVad(Vad):
    """As `Vad`, for turns: faint and far voices count as speech."""

    onset: Share = 0.4
    offset: Share = 0.25


class Extract(Section):
    """Limits on what is decoded from one video, in seconds."""

    max_duration: Annotated[float, Field(gt=0)] = 6 * 3600.0
    timeout: Annotated[float, Field(gt=0)] = 3600.0


class PocketsphinxTranscribe(Section):
    """pocketsphinx with the model that its wheel carries.

    `mean_prior` is how many seconds of the recording's cepstral mean count beside an utterance's
    own; `language_weight` and `word_insertion` weigh the language model against the sound.
    """

    backend: Literal["pocketsphinx"]
    language: Literal["en"] = "en"
    vad: AsrVad = AsrVad()
    max_utterance: Annotated[float, Field(ge=1)] = 30.0
    mean_prior: Seconds = 2.0
    language_weight: Annotated[float, Field(gt=0)] = 5.0
    word_insertion: Annotated[float, Field(gt=0)] = 0.2


class FasterWhisperTranscribe(Section):
    """faster-whisper; `model` is a size of the hub or a local folder in CTranslate2 form."""

    backend: Literal["faster-whisper"]
    language: Annotated[str, Field(min_length=2)] = "en"
    model: str = "small"
    revision: str | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    compute_type: str = "int8"
    beam_size: Annotated[int, Field(ge=1)] = 5
    initial_prompt: str | None = None
    hotwords: str | None = None


class DvectorDiarize(Section):
    """VAD, a speaker embedding without torch, clustering and resegmentation."""

    backend: Literal["dvector"]
    embedding: Literal["auto", "resemblyzer", "builtin"] = "auto"
    num_speakers: Annotated[int, Field(ge=1)] | None = None
    min_speakers: Annotated[int, Field(ge=1)] = 1
    max_speakers: Annotated[int, Field(ge=1)] = 8
    vad: SpeakerVad = SpeakerVad()

    @model_validator(mode="after")
    def _bounds(self) -> DvectorDiarize:
        if self.min_speakers > self.max_speakers:
            raise ValueError(f"min_speakers {self.min_speakers} is more than max_speakers {self.max_speakers}")
        return self


class RolesRule(Section):
    """Who is the interviewee."""

    rule: Literal["longest-speaking-time"] = "longest-speaking-time"


class PocketsphinxAlign(Section):
    """Forced alignment with pocketsphinx; words are grouped into utterances at pauses, in seconds.

    `pad` is the sound taken along on both sides of an utterance; `passes` is how often phones are
    placed, with the sound shifted by parts of a frame.
    """

    backend: Literal["pocketsphinx"]
    pause: Seconds = 0.5
    max_utterance: Annotated[float, Field(gt=0)] = 20.0
    pad: Seconds = 0.2
    passes: Annotated[int, Field(ge=1, le=8)] = 4


class Export(Section):
    """How the release is cut: seconds."""

    max_segment: Annotated[float, Field(gt=0, le=30)] = 30.0
    pause: Seconds = 0.6
    pad: Seconds = 0.1
    clip_overlap: bool = False


Transcribe = Annotated[PocketsphinxTranscribe | FasterWhisperTranscribe, Field(discriminator="backend")]
Diarize = DvectorDiarize
Align = PocketsphinxAlign


class Config(Section):
    """A whole recipe. `research_quality` says whether its transcripts may be cited."""

    name: str
    research_quality: bool
    extract: Extract = Extract()
    transcribe: Transcribe
    diarize: Diarize
    roles: RolesRule = RolesRule()
    align: Align
    export: Export = Export()

    def slice(self, stage: str) -> dict[str, Any]:
        """The settings on which `stage` depends, as JSON-ready values."""
        section: Section = getattr(self, stage)
        return section.model_dump(mode="json")


DEFAULT_RECIPES: Final = ("paper", "embedded")
"""Taken without `--config`: the first where its tools and a GPU are there, else the second."""


def recipes() -> dict[str, Path]:
    """The packaged recipes, name -> file; in a checkout they lie beside the package."""
    packaged = Path(str(files("imigue_build"))) / "configs"
    folder = packaged if packaged.is_dir() else packaged.parent.parent / "configs"
    found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {name: path for name, path in found.items() if name != "mfa-environment"}


def load(name_or_path: str, overrides: Sequence[str] = ()) -> Config:
    """The config of a recipe's name or a file, with `stage.key=value` overrides applied.

    Raises:
        ConfigError: If it cannot be read or does not fit, with every fault and its remedy.
    """
    path = recipes().get(name_or_path)
    if path is None:
        path = Path(name_or_path)
        if not path.is_file():
            raise ConfigError(
                f"there is no config {name_or_path!r}",
                f"name one of {', '.join(recipes())}, or an existing YAML file",
            )
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"config {path} cannot be read", " ".join(str(error).split())) from error
    if not isinstance(document, dict):
        raise ConfigError(f"config {path} holds no sections", "see configs/embedded.yaml for its form")
    for override in overrides:
        _override(document, override)
    return parse(document, str(path))


def parse(document: dict[str, Any], source: str) -> Config:
    """The config in a document; `source` names it in errors.

    Raises:
        ConfigError: With every fault.
    """
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        faults = [_fault(document, fault) for fault in error.errors()]
        raise ConfigError(f"config {source} does not fit", "; ".join(faults)) from error


def _override(document: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    *sections, key = name.strip().split(".")
    if not equals or not sections or not key:
        raise ConfigError(f"--set {override!r} is not of the form stage.key=value", "e.g. --set align.pause=0.4")
    place = document
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ConfigError(f"--set {override!r}: {section} is not a section", "e.g. --set align.pause=0.4")
    try:
        place[key] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override!r}: the value cannot be read", "put it in quotes") from error


def _fault(document: dict[str, Any], fault: Any) -> str:
    """One fault as a phrase: the dotted key, what is wrong, and the nearest key where it is unknown."""
    location = [str(part) for part in fault["loc"]]
    section: Any = document
    path: list[str] = []
    for part in location:  # pydantic names a union's tag in the location; the document has no such key
        if isinstance(section, dict) and (part in section or part == location[-1]):
            path.append(part)
            section = section.get(part)
    key = ".".join(path)
    if fault["type"] == "extra_forbidden":
        known = _keys(location[:-1])
        nearest = difflib.get_close_matches(location[-1], known, n=1, cutoff=0.0)[0]
        return f"unknown key {key!r} (the nearest is {nearest!r}; all are {', '.join(known)})"
    if fault["type"] == "missing":
        return f"{key!r} is missing"
    return f"{key!r}: {fault['msg'][0].lower()}{fault['msg'][1:]} (found {fault['input']!r})"


def _keys(location: Sequence[str]) -> list[str]:
    """The keys that the section at one of pydantic's locations knows; a part may be a union's tag."""
    options: list[Any] = [Config]
    for part in location:
        inner = [
            section
            for option in options
            if part in option.model_fields
            for section in _sections(option.model_fields[part].annotation)
        ]
        options = inner or [option for option in options if part in _tags(option)] or options
    return sorted({key for option in options for key in option.model_fields})


def _sections(annotation: Any) -> list[Any]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Section) else []
    return [section for option in get_args(annotation) for section in _sections(option)]


def _tags(section: Any) -> tuple[Any, ...]:
    backend = section.model_fields.get("backend")
    return get_args(backend.annotation) if backend else ()
