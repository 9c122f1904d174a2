"""What differs in how two releases were made, by their `provenance.json`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from msgspec.structs import asdict, replace

from imigue_build.apps.diff.result import Kind, Origin
from imigue_build.backends.registry import registry
from imigue_build.backends.spec import BackendSpec
from imigue_build.config import SECTIONS, STAGE_OF
from imigue_build.corpus.overrides import KINDS
from imigue_build.release.reader import Model, Override, Provenance, Source
from imigue_build.release.schema.provenance import flat

STAGES: Final = tuple(SECTIONS)
_STAGE_OF: Final = {section: stage for stage, section in SECTIONS.items()}
_OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "extract": ("ffmpeg",),
    "export": ("num2words", "numpy", "praatio", "pydub"),
}
"""Tools of the stages without a backend, for releases that do not say which stages a tool took part in."""
_ORDER: Final[tuple[Kind, ...]] = get_args(Kind)
_Facts = dict[tuple[Kind, str], tuple[Any, tuple[str, ...]]]
"""By kind and name the value, and the stages that it enters first."""


def differences(before: Provenance, after: Provenance, both: Sequence[str]) -> list[Origin]:
    """Every difference once, with the interviews that it concerns; the program's version first, then settings.

    Args:
        before: Of the first release.
        after: Of the second.
        both: Ids of interviews that both have; where there is none, what the releases say of most is compared.
    """
    found: dict[tuple[Kind, str, str, str], tuple[Origin, list[str]]] = {}
    for video_id in both:
        sides = _facts(before, before.videos[video_id]), _facts(after, after.videos[video_id])
        for origin in _differing(*sides):
            key = (origin.kind, origin.name, repr(origin.before), repr(origin.after))
            found.setdefault(key, (origin, []))[1].append(video_id)
    if not both:
        most = Source(sha256="", duration_s=0.0)
        shared = _differing(_facts(before, most), _facts(after, most))
        found = {(origin.kind, origin.name, "", ""): (origin, []) for origin in shared}
    origins = [
        replace(origin, interviews=None if len(ids) == len(both) else tuple(ids)) for origin, ids in found.values()
    ]
    return sorted(origins, key=lambda origin: (_ORDER.index(origin.kind), origin.name))


def _facts(origins: Provenance, entry: Source) -> _Facts:
    sections = {**origins.config, **entry.config}
    facts: _Facts = {("version", "imigue-build"): (origins.imigue_build, STAGES)}
    for stage, number in (origins.stages if entry.stages is None else entry.stages).items():
        facts["version", f"stage {stage}"] = number, (stage,)
    for section, settings in sections.items():
        for name, value in flat(settings or {}, f"{section}."):
            facts["setting", name] = value, (_STAGE_OF.get(section, section),)
    for name, text in asdict(origins.corpus).items():
        facts["setting", f"corpus.{name}"] = text, ()  # no stage reads it
    made_by = origins.made_by if entry.made_by is None else entry.made_by
    used_tools = {stage: made.tools for stage, made in made_by.items()}
    used_models = {stage: made.models for stage, made in made_by.items()}
    for name, version in (origins.tools if entry.tools is None else entry.tools).items():
        facts["tool", name] = version, _recorded(used_tools, name) or _stages_of_tool(name, sections)
    for model in origins.models if entry.models is None else entry.models:
        stages = _recorded(used_models, model.name) or _stages_of_model(model.name, sections)
        facts["model", model.name] = _revision(model), stages
    return facts | _inputs(entry)


def _inputs(entry: Source) -> _Facts:
    """What an interview is made from: its video, and what a person gave and corrected."""
    facts: _Facts = {}
    if entry.sha256:
        facts["input", "video"] = entry.sha256, ("extract",)
    if entry.audio and entry.audio.reasons:
        facts["input", "streams and channels left out"] = list(entry.audio.reasons), ("extract",)
    for stage, digest in entry.given.items():
        name = "lexicon" if stage == "align" else f"given file for {stage}"
        facts["input", name] = digest, (stage,)
    if entry.roles is not None:
        facts["input", "names that say a role"] = entry.roles.rule, ("speakers",)
    for kind, fixes in entry.overrides.items():
        stages = tuple(stage for stage, kinds in KINDS.items() if kind in kinds)
        facts["input", f"corrections: {kind}"] = _texts(fixes), stages or STAGES
    return facts


def _differing(before: _Facts, after: _Facts) -> Iterator[Origin]:
    nothing: tuple[Any, tuple[str, ...]] = (None, ())
    for kind, name in sorted(before.keys() | after.keys()):
        (old, first), (new, second) = before.get((kind, name), nothing), after.get((kind, name), nothing)
        unknown = kind == "version" and not (first and second)  # a release of old that says no stage's version
        if old != new and not unknown:
            yield Origin(kind, name, old, new, tuple(stage for stage in STAGES if stage in (*first, *second)))


def _revision(model: Model) -> str:
    return " ".join(part[:12] for part in (model.revision, model.sha256) if part)


def _texts(fixes: Sequence[Override]) -> list[str]:
    return [f"{fix.text}{'' if fix.applied else ' (not applied)'}" for fix in fixes]


def _recorded(used: Mapping[str, Collection[str]], name: str) -> tuple[str, ...]:
    """The stages in which a tool or model took part, as the release itself says; none where it does not."""
    return tuple(stage for stage in STAGES if name in used.get(stage, ()))


def _stages_of_tool(name: str, sections: Mapping[str, Any]) -> tuple[str, ...]:
    """Those whose backends are known to use it; all where none is."""
    known = _OTHERS | {stage: spec.tools for stage, spec in _specs(sections)}
    return tuple(stage for stage in STAGES if stage in sections and name in known.get(stage, ())) or STAGES


def _stages_of_model(name: str, sections: Mapping[str, Any]) -> tuple[str, ...]:
    """Those whose backends are known to use models of such a name; all where none is."""
    known = {
        stage: max((len(start) for start in spec.model_names if f"{name} ".startswith(f"{start} ")), default=0)
        for stage, spec in _specs(sections)
    }
    longest = max(known.values(), default=0)  # the most exact name counts
    return tuple(stage for stage in STAGES if longest and known.get(stage) == longest) or STAGES


def _specs(sections: Mapping[str, Any]) -> Iterator[tuple[str, BackendSpec[Any]]]:
    """Stage and backend of the settings, as far as these backends are installed here."""
    for task, stage in STAGE_OF.items():
        spec = registry().find(task, str((sections.get(stage) or {}).get("backend")))
        if spec is not None:
            yield stage, spec


def interviews(origin: Origin, ids: Collection[str]) -> frozenset[str]:
    """Those among the ids for which a difference is there."""
    return frozenset(ids if origin.interviews is None else (name for name in origin.interviews if name in ids))
