"""`provenance.json`: what the interviews of a release were made from and by, read from their completion records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any, Final, TypeVar

import msgspec

from imigue_build import __version__
from imigue_build.config import SECTIONS
from imigue_build.core.records import Correction
from imigue_build.core.records import Provenance as Made
from imigue_build.release.schema.corpus import NO_CORPUS, CorpusText
from imigue_build.release.schema.layout import FORMAT_VERSION
from imigue_build.release.schema.provenance import (
    Audio,
    MadeBy,
    Model,
    Override,
    Provenance,
    RoleRule,
    Source,
)
from imigue_build.store.completion import Completion
from imigue_build.store.workspace import Workspace

T = TypeVar("T")

_VIDEO = "video"
GIVEN: Final = ("given", "lexicon")
"""Names of the inputs that are files of the user's."""


@dataclass(frozen=True)
class Lineage:
    """The completion records that led to an interview's export.

    `lost` names stages whose artifact was replaced after the export had been made from it.
    """

    stages: Mapping[str, Completion]
    lost: frozenset[str]

    @property
    def source(self) -> str | None:
        """The SHA-256 of the video; None where it is lost."""
        inputs = (completion.identity.inputs for completion in self.stages.values())
        found = [digests[_VIDEO] for digests in inputs if _VIDEO in digests]
        return found[0] if found else None

    @property
    def given(self) -> dict[str, str]:
        """The SHA-256 of the user's files by stage: results in place of its own, or the lexicon of `align`."""
        inputs = {name: completion.identity.inputs for name, completion in sorted(self.stages.items())}
        return {name: digest for name, found in inputs.items() for source, digest in found.items() if source in GIVEN}

    @property
    def config(self) -> dict[str, Any]:
        """Settings by section, None for those of a lost stage. Of a local path only the last part is kept."""
        settings = {name: portable(completion.identity.settings) for name, completion in self.stages.items()}
        settings |= dict.fromkeys(self.lost)
        return {SECTIONS.get(name, name): settings[name] for name in sorted(settings)}

    @property
    def versions(self) -> dict[str, int]:
        """By stage the version of its code."""
        return {name: completion.identity.version for name, completion in sorted(self.stages.items())}

    @property
    def made_by(self) -> dict[str, MadeBy]:
        """By stage the names of the tools and models that took part in it."""
        found = {name: completion.identity.provenance for name, completion in sorted(self.stages.items())}
        return {name: made_by(provenance) for name, provenance in found.items() if provenance.tools}

    @property
    def tools(self) -> dict[str, str]:
        """Versions by tool; where stages ran with different ones, all of them."""
        versions: dict[str, set[str]] = {}
        for completion in self.stages.values():
            for name, version in completion.identity.provenance.tools.items():
                versions.setdefault(name, set()).add(version)
        return {name: ", ".join(sorted(found)) for name, found in sorted(versions.items())}

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model that took part, once."""
        used = {model for completion in self.stages.values() for model in completion.identity.provenance.models}
        ordered = sorted(used, key=lambda model: (model.name, model.revision, model.sha256 or ""))
        return tuple(Model(portable(model.name), model.revision, model.sha256) for model in ordered)


def lineage(work: Workspace, export: Completion) -> Lineage:
    """Follows an export back to the video, by the hashes that each record names of its inputs."""
    found: dict[str, Completion] = {}
    lost: set[str] = set()
    waiting = [export]
    while waiting:
        completion = waiting.pop()
        found[completion.identity.stage] = completion
        for name, digest in completion.identity.inputs.items():
            stage, _, file = name.partition("/")
            if "/" not in name:  # the video, or a file that the user gave
                continue
            earlier = work.completion(export.video_id, stage)
            output = earlier.outputs.get(file) if earlier else None
            if earlier is None or output is None or output.sha256 != digest:
                lost.add(stage)
            elif stage not in found:
                waiting.append(earlier)
    return Lineage({name: found[name] for name in found if name not in lost}, frozenset(lost))


def provenance(
    lineages: Mapping[str, Lineage],
    sources: Mapping[str, str],
    seconds: Mapping[str, float],
    audio: Mapping[str, Audio],
    corrections: Mapping[str, Sequence[Correction]],
    doubts: Mapping[str, Sequence[str]],
    rules: Mapping[str, RoleRule | None],
    corpus: CorpusText = NO_CORPUS,
) -> Provenance:
    """The document: at the top what most interviews share, and by interview what differs.

    Args:
        lineages: By id.
        sources: The SHA-256 of each interview's video.
        seconds: Of each interview's recording.
        audio: Which streams and channels of the video it is of.
        corrections: What a person changed.
        doubts: Why a person should check the roles.
        rules: Where names decided who is the interviewee, by which rule.
        corpus: What the recipe says of the recordings.
    """
    stages = sorted({stage for own in lineages.values() for stage in own.config})
    config = {stage: _most((own.config.get(stage) for own in lineages.values()), dict[str, Any]) for stage in stages}
    versions = _most((own.versions for own in lineages.values()), dict[str, int]) or {}
    tools = _most((own.tools for own in lineages.values()), dict[str, str]) or {}
    models = _most((own.models for own in lineages.values()), tuple[Model, ...]) or ()
    by_stage = _most((own.made_by for own in lineages.values()), dict[str, MadeBy]) or {}
    videos = {
        video_id: Source(
            sha256=sources[video_id],
            duration_s=round(seconds[video_id], 3),
            audio=audio.get(video_id),
            config={stage: settings for stage, settings in own.config.items() if settings != config[stage]},
            stages=own.versions if own.versions != versions else None,
            tools=own.tools if own.tools != tools else None,
            models=own.models if own.models != models else None,
            made_by=own.made_by if own.made_by != by_stage else None,
            given=own.given,
            overrides=_by_kind(corrections.get(video_id, ())),
            role_doubts=tuple(doubts.get(video_id, ())),
            roles=rules.get(video_id),
        )
        for video_id, own in sorted(lineages.items())
    }
    return Provenance(
        format_version=FORMAT_VERSION,
        imigue_build=__version__,
        config=config,
        corpus=corpus,
        stages=versions,
        tools=tools,
        models=models,
        made_by=by_stage,
        videos=videos,
    )


def made_by(found: Made) -> MadeBy:
    """The names in a stage's provenance."""
    return MadeBy(tuple(sorted(found.tools)), tuple(sorted({str(portable(model.name)) for model in found.models})))


def _by_kind(corrections: Sequence[Correction]) -> dict[str, tuple[Override, ...]]:
    kinds: dict[str, tuple[Override, ...]] = {}
    for fix in corrections:
        kinds[fix.kind] = (*kinds.get(fix.kind, ()), Override(fix.text, fix.applied))
    return kinds


def _most(values: Iterable[T | None], kind: type[T]) -> T | None:
    """The most frequent value that is not None, its keys sorted; of several the one whose JSON sorts first."""
    counts = Counter(msgspec.json.encode(value, order="deterministic") for value in values if value is not None)
    return msgspec.json.decode(min(counts, key=lambda value: (-counts[value], value)), type=kind) if counts else None


def portable(value: Any) -> Any:
    """A setting without this machine's folders."""
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, str) and (value.startswith(("/", "~", "./", "../")) or PureWindowsPath(value).is_absolute()):
        return PureWindowsPath(value).name  # it splits at both kinds of slash
    return value
