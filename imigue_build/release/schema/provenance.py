"""`provenance.json`: what the interviews of a release were made from and by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from imigue_build.release.schema.corpus import NO_CORPUS, CorpusText
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import FORMAT_VERSION, ID_PATTERN
from imigue_build.release.schema.rows import Seconds

Settings = dict[str, dict[str, Any] | None]
"""The settings of each stage; None for a stage of which they are lost."""


class Model(msgspec.Struct, frozen=True):
    """A model that took part; `sha256` of its file, where it has one."""

    name: str
    revision: str
    sha256: str | None = None


class MadeBy(msgspec.Struct, frozen=True, omit_defaults=True):
    """The names of the tools and models that took part in a stage."""

    tools: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class Override(msgspec.Struct, frozen=True):
    """A person's correction, in words; not `applied` where it fitted nothing that was there any more."""

    text: str
    applied: bool


class RoleRule(msgspec.Struct, frozen=True):
    """By which rule an interview has its roles, where that is not speaking time, and the speaker who talks longest."""

    rule: str
    longest: str


class Audio(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which audio streams of a video hold the interview: how many it has, and the numbers, from 1, of those mixed.

    Channels are those of the first one that is mixed; the number of an inverted one is negative. `reasons` say why
    others were left out.
    """

    streams: int
    streams_used: tuple[int, ...]
    channels: int
    channels_used: tuple[int, ...]
    reasons: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of one interview: its video, and what was not as for most interviews.

    Attributes:
        sha256: Of the video.
        duration_s: Of the recording, in seconds.
        config, stages, tools, models, made_by: Where they differ from those of the release; `config` by stage.
        given: The SHA-256 of the files that the user gave, by stage; of `align` it is the lexicon.
        overrides: A person's corrections by kind, as `words` or `merge_speakers`.
        role_doubts: Why a person should check the roles.
        roles: Where names decided who is the interviewee.
        audio: Which of the video's sound is used; earlier releases do not say it.
    """

    sha256: str
    duration_s: Seconds
    config: Settings = {}
    stages: dict[str, int] | None = None
    tools: dict[str, str] | None = None
    models: tuple[Model, ...] | None = None
    made_by: dict[str, MadeBy] | None = None
    given: dict[str, str] = {}
    overrides: dict[str, tuple[Override, ...]] = {}
    role_doubts: tuple[str, ...] = ()
    roles: RoleRule | None = None
    audio: Audio | None = None


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The document.

    Attributes:
        imigue_build: The version of the program.
        config: Settings by stage, as for most interviews.
        stages: By stage the version of its code; releases of old do not say it.
        tools: Versions by tool.
        made_by: By stage the tools and models that took part; earlier releases do not say it.
        videos: By interview.
        corpus: What the recipe says of the recordings; earlier releases do not say it.
    """

    format_version: int
    imigue_build: str
    config: Settings
    corpus: CorpusText = NO_CORPUS
    stages: dict[str, int] = {}
    tools: dict[str, str]
    models: tuple[Model, ...]
    made_by: dict[str, MadeBy] = {}
    videos: dict[str, Source]

    def config_of(self, video_id: str) -> Settings:
        """The settings by stage that an interview was made with."""
        return {**self.config, **self.videos[video_id].config}

    def stages_of(self, video_id: str) -> Mapping[str, int]:
        """The versions of the stages that made an interview."""
        own = self.videos[video_id].stages
        return self.stages if own is None else own

    def tools_of(self, video_id: str) -> Mapping[str, str]:
        """The versions of the tools that made an interview."""
        own = self.videos[video_id].tools
        return self.tools if own is None else own

    def models_of(self, video_id: str) -> tuple[Model, ...]:
        """The models that took part in making an interview."""
        own = self.videos[video_id].models
        return self.models if own is None else own

    def made_by_of(self, video_id: str) -> Mapping[str, MadeBy]:
        """By stage the tools and models that took part in making an interview."""
        own = self.videos[video_id].made_by
        return self.made_by if own is None else own


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by dotted key.

    >>> list(flat({"diarize": {"vad": {"onset": 0.5}}}))
    [('diarize.vad.onset', 0.5)]
    """
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


class FormatVersionError(FormatError):
    """A release of another format than this program knows."""


class _Version(msgspec.Struct):
    format_version: int


def encode(provenance: Provenance) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode(provenance), indent=2) + b"\n"


def parse(data: bytes) -> Provenance:
    """The document in the file's content; keys that are not known are passed over.

    Raises:
        FormatVersionError: If it is of another format version.
        FormatError: If it is no such document.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).format_version
        if version != FORMAT_VERSION:
            raise FormatVersionError(f"it has format {version}, this program knows {FORMAT_VERSION}")
        found = msgspec.json.decode(data, type=Provenance)
    except FormatError:
        raise
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise FormatError(str(error)) from None
    for video_id in found.videos:
        if not ID_PATTERN.fullmatch(video_id):
            raise FormatError(f"{video_id!r} is no id")
    return found
