"""Rules about `provenance.json`, and the settings that other rules take from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from imigue_build.config.corpus import LONGEST
from imigue_build.config.loading import SECTIONS
from imigue_build.config.slots import NO_BACKENDS, Catalogue
from imigue_build.core.times import milliseconds
from imigue_build.release.schema.layout import FORMAT_VERSION, MAX_SEGMENT, PROVENANCE
from imigue_build.release.validate.base import MAX_SECONDS, UNDECODABLE, Faults, Settings, Tree, shown
from imigue_build.release.validate.settings import check_settings

_KEYS: Final[dict[str, type]] = {
    "format_version": int,
    "imigue_build": str,
    "config": dict,
    "tools": dict,
    "models": list,
    "videos": dict,
}
_BY_NAMES: Final = ("named-in-the-file", "named-in-the-labels")
"""Rules that give the roles by names, whoever speaks longest."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATH = re.compile(r"(?:/|~/|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\\\\|file:)")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NAMES: Final = {int: "a whole number", str: "a text", dict: "an object", list: "a list"}


class _Optional(msgspec.Struct):
    """Keys that releases of old do not have; what is in them is checked on its own."""

    stages: dict[str, Any] = {}
    made_by: dict[str, dict[str, Any]] = {}


class _Audio(msgspec.Struct):
    streams: int
    streams_used: list[int]
    channels: int
    channels_used: list[int]
    reasons: list[str] = []


class _Roles(msgspec.Struct):
    rule: str
    longest: str


class _OfInterview(msgspec.Struct):
    """What the entry of an interview may have."""

    config: dict[str, dict[str, Any] | None] = {}
    stages: dict[str, Any] | None = None
    tools: dict[str, str] | None = None
    models: list[dict[str, Any]] | None = None
    made_by: dict[str, dict[str, Any]] | None = None
    given: dict[str, str] = {}
    overrides: dict[str, Any] = {}
    role_doubts: list[str] = []
    roles: _Roles | None = None
    audio: _Audio | None = None


class ProvenanceView(NamedTuple):
    """What other rules need of `provenance.json`; `newer` if its format version is newer than this program."""

    document: dict[str, Any]
    newer: bool = False

    @property
    def videos(self) -> dict[str, Any]:
        return _object(self.document.get("videos"))

    def settings(self, video_id: str) -> Settings:
        """An interview's settings: those of its own entry, else those of the release."""
        entry = _object(self.videos.get(video_id))
        sections = _object(self.document.get("config")) | _object(entry.get("config"))
        export, roles = _object(sections.get("export")), _object(sections.get("roles"))
        overrides = entry.get("overrides")
        by_person = isinstance(overrides, dict | list) and "roles" in overrides
        named = _object(entry.get("roles"))
        longest = named.get("longest") if named.get("rule") in _BY_NAMES else None
        return Settings(
            max_segment=milliseconds(_duration(export.get("max_segment")) or MAX_SEGMENT),
            clip_overlap=export.get("clip_overlap") is True,
            athlete_by_time=roles.get("rule") in (None, "longest-speaking-time") and not by_person and longest is None,
            longest=longest if isinstance(longest, str) else None,
        )


def read_provenance(tree: Tree, faults: Faults, catalogue: Catalogue = NO_BACKENDS) -> ProvenanceView:
    """Reads `provenance.json` and checks what needs no other file; the catalogue says which settings backends have."""
    document = _read(tree, faults)
    if document is None:
        return ProvenanceView({})
    version = document.get("format_version")
    if isinstance(version, int) and not isinstance(version, bool) and version != FORMAT_VERSION:
        newer = version > FORMAT_VERSION
        remedy = "update imigue-build" if newer else "there is no such format"
        faults.add(
            PROVENANCE,
            "format-version",
            f"the release has format {shown(str(version))}, this program supports {FORMAT_VERSION}: {remedy}",
        )
        if newer:
            return ProvenanceView(document, newer=True)
    for key, kind in _KEYS.items():
        if key not in document:
            faults.add(PROVENANCE, "provenance-keys", f"it has no {key}")
        elif not isinstance(document[key], kind) or isinstance(document[key], bool):
            faults.add(PROVENANCE, "provenance-keys", f"{key} is not {_NAMES[kind]}")
    _check_forms(document, faults)
    _check_corpus(document.get("corpus", {}), faults)
    _check_tools(document, faults)
    for place, value in _strings(document):
        dated = _CLOCK.search(value) and not place.startswith("corpus.")  # its texts are a person's
        if _PATH.match(value) or dated:
            faults.add(PROVENANCE, "provenance-portable", f"{place} contains a path or a date: {shown(value)}")
    _check_stages(document, faults)
    check_settings(_configs(document), catalogue, faults)
    return ProvenanceView(document)


def _check_forms(document: dict[str, Any], faults: Faults) -> None:
    """What need not be there has its form where it is there; of each part the first fault is named."""
    parts: dict[str, tuple[dict[str, Any], type]] = {"the document": (document, _Optional)}
    for video_id, entry in _object(document.get("videos")).items():
        parts[shown(video_id)] = (_object(entry), _OfInterview)
    for place, (part, form) in parts.items():
        try:
            msgspec.convert(part, form)
        except msgspec.ValidationError as error:
            faults.add(PROVENANCE, "provenance-form", f"{place}: {str(error).lower()}")


def _check_corpus(corpus: object, faults: Faults) -> None:
    """What the recipe says of the corpus is text, each on one line and of a bounded length."""
    if not isinstance(corpus, dict):
        faults.add(PROVENANCE, "provenance-corpus", "corpus is not an object")
        return
    for name, text in corpus.items():
        if not isinstance(text, str):
            faults.add(PROVENANCE, "provenance-corpus", f"corpus.{shown(name)} is not a text")
        elif len(text) > LONGEST or not text.isprintable():
            faults.add(
                PROVENANCE, "provenance-corpus", f"corpus.{shown(name)} is not one line of at most {LONGEST} characters"
            )


def _check_stages(document: dict[str, Any], faults: Faults) -> None:
    """Stages have a version and settings, which may be lost; what made them is among the tools and models."""
    parts = [document, *(_object(entry) for entry in _object(document.get("videos")).values())]
    sections = {name for part in parts for name in _object(part.get("config"))}
    known = {kind: {name for part in parts for name in _names(part.get(kind))} for kind in ("tools", "models")}
    problems = []
    for part in parts:
        problems += [
            f"the settings of {shown(name)} are no object"
            for name, settings in _object(part.get("config")).items()
            if not isinstance(settings, dict | None)
        ]
        for stage, version in _object(part.get("stages")).items():
            if not isinstance(version, int) or isinstance(version, bool) or version < 1:
                problems.append(f"the stage {shown(stage)} has no version")
            if SECTIONS.get(stage, stage) not in sections:
                problems.append(f"the stage {shown(stage)} has no settings in config")
        for stage, made_by in _object(part.get("made_by")).items():
            for kind, names in _object(made_by).items():
                if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                    problems.append(f"the {shown(kind)} of {shown(stage)} are no names")
                elif unknown := set(names) - known.get(kind, set(names)):
                    problems.append(f"{shown(stage)} is made by {shown(min(unknown))}, which is not in {kind}")
    for problem in problems:
        faults.add(PROVENANCE, "provenance-stages", problem)


def _names(value: object) -> set[str]:
    """The names in an object by name, or in a list of names or of objects that have one."""
    items = value if isinstance(value, dict | list) else ()
    found = (item.get("name") if isinstance(item, dict) else item for item in items)
    return {name for name in found if isinstance(name, str)}


def _configs(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of the release and those of single interviews, by their place."""
    videos = _object(document.get("videos")).items()
    own = {f"videos.{video_id}.config": _object(_object(entry).get("config")) for video_id, entry in videos}
    return {"config": _object(document.get("config")), **own}


def _read(tree: Tree, faults: Faults) -> dict[str, Any] | None:
    text = tree.read_text(PROVENANCE, faults)
    if text is None:
        return None
    try:
        document = msgspec.json.decode(text)
    except UNDECODABLE as error:
        faults.add(PROVENANCE, "provenance-json", f"it is not JSON: {error}")
        return None
    if not isinstance(document, dict):
        faults.add(PROVENANCE, "provenance-json", "it is not a JSON object")
        return None
    return document


def check_videos(view: ProvenanceView, folders: list[str], faults: Faults) -> None:
    """`videos` has one entry per folder, with the hash of its source and its duration."""
    if not isinstance(view.document.get("videos"), dict):
        return
    for video_id in sorted(set(folders) ^ view.videos.keys()):
        lacks = "no entry in videos" if video_id in folders else "no folder"
        faults.add(PROVENANCE, "provenance-videos", f"{shown(video_id)} has {lacks}")
    for video_id, entry in view.videos.items():
        if not isinstance(entry, dict):
            faults.add(PROVENANCE, "provenance-videos", f"{shown(video_id)} is not an object")
            continue
        hashes = [value for key, value in entry.items() if key.endswith("sha256")]
        if not hashes or not all(isinstance(value, str) and _SHA256.fullmatch(value) for value in hashes):
            faults.add(PROVENANCE, "provenance-sha256", f"{shown(video_id)} has no sha256 of its source")


def check_duration(view: ProvenanceView, video_id: str, duration: int, faults: Faults) -> None:
    """`duration_s` of an interview equals the duration of its WAV, in milliseconds."""
    entry = view.videos.get(video_id)
    if not isinstance(entry, dict):
        return
    stated = _duration(entry.get("duration_s"))
    if stated is None:
        faults.add(PROVENANCE, "provenance-duration", f"{video_id} has no duration_s")
    elif not abs(stated * 1000 - duration) <= 1.01:
        faults.add(
            PROVENANCE,
            "provenance-duration",
            f"{video_id}: {stated} s, its WAV lasts {duration / 1000:.3f} s",
        )


def _duration(value: object) -> float | None:
    """A JSON number as seconds; None for anything else, and for implausible numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= MAX_SECONDS else None


def _check_tools(document: dict[str, Any], faults: Faults) -> None:
    tools = document.get("tools")
    if isinstance(tools, dict):
        for name, version in tools.items():
            if not isinstance(version, str) or not version:
                faults.add(PROVENANCE, "provenance-tools", f"the tool {shown(name)} has no version")
    models = document.get("models")
    for number, model in enumerate(models if isinstance(models, list) else [], 1):
        known = isinstance(model, dict) and all(
            isinstance(model.get(key), str) and model[key] for key in ("name", "revision")
        )
        if not known:
            faults.add(PROVENANCE, "provenance-models", f"model {number} has no name or no revision")
        elif "sha256" not in model or not _is_hash(model["sha256"]):
            faults.add(
                PROVENANCE,
                "provenance-models",
                f"the sha256 of {shown(model['name'])} is neither a hash nor null",
            )


def _is_hash(value: object) -> bool:
    return value is None or (isinstance(value, str) and _SHA256.fullmatch(value) is not None)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with its place."""
    pending = [(place, value)]
    while pending:
        path, item = pending.pop()
        if isinstance(item, str):
            yield path, item
        elif isinstance(item, dict):
            pending += [(f"{path}.{key}" if path else key, child) for key, child in item.items()]
        elif isinstance(item, list):
            pending += [(f"{path}[{number}]", child) for number, child in enumerate(item)]
