"""Builds a release again from its `provenance.json`, to see whether the result is the same.

A release does not contain its videos, the user's files and a person's corrections: the user names them, and they are
compared with the hashes in the release. Everything is built in a new folder, so that no earlier work is reused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from imigue_build import __version__
from imigue_build import corpus as corpora
from imigue_build.config import SECTIONS
from imigue_build.core.errors import UsageError, first_few
from imigue_build.engine.events import Event
from imigue_build.pipeline.prepare import prepare
from imigue_build.pipeline.released_settings import Group, groups_of
from imigue_build.pipeline.request import Request, Summary
from imigue_build.pipeline.run import execute
from imigue_build.release.build import origin
from imigue_build.release.build.origin import GIVEN, made_by
from imigue_build.release.reader import Model, Provenance, Release, Source
from imigue_build.release.schema.layout import FORMAT_VERSION, LABELS, SUMS
from imigue_build.stages import build
from imigue_build.stages.roles import NAMED_BY_LABELS
from imigue_build.store.disk import guarded, make_folder, sha256, write_atomically

_MARK: Final = "reproduce.json"


@dataclass(frozen=True)
class Options:
    """The options of the command."""

    release: Path
    videos: Path
    settings: tuple[str, ...] = ()
    overrides: Path | None = None
    only: tuple[str, ...] = ()
    labels: Path | None = None


@dataclass(frozen=True)
class Plan:
    """What is known before anything is built.

    Attributes:
        release: The release.
        groups: The interviews by their settings.
        here: What these interviews are made from and by on this machine, in the form of a release's provenance.
        left_out: Interviews that cannot be built again, and why.
        of_machine: Settings in the release that name programs, files or folders of a machine; none is followed.
    """

    release: Release
    groups: tuple[Group, ...]
    here: Provenance
    left_out: dict[str, str] = field(default_factory=dict)
    of_machine: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the interviews to build again, sorted."""
        return tuple(sorted(video_id for _, ids in self.groups for video_id in ids))

    @property
    def whole(self) -> bool:
        """Whether these are all interviews of the release."""
        return self.chosen == self.release.ids


def claim(place: Path, asked: Options) -> None:
    """Marks `place` as the folder of this reproduction; one that was interrupted goes on in it.

    Raises:
        UsageError: If `place` holds anything else, or RELEASE is no release.
        ReleaseError: If RELEASE is damaged.
    """
    Release.open(asked.release, check_sums=True)
    for name, other in (("RELEASE", asked.release.resolve()), ("VIDEOS", asked.videos.resolve())):
        mine = place.resolve()
        if mine == other or other in mine.parents or mine in other.parents:
            raise UsageError(f"--work {place} and {name} lie within each other", "name a folder of its own")
    if place.exists() and not place.is_dir():
        raise UsageError(f"--work {place} is not a folder", "name a new or an empty folder")
    with guarded(f"cannot use --work {place}"):
        make_folder(place)
        mark = msgspec.json.encode({"sums": sha256(asked.release / SUMS)}) + b"\n"
        found = (place / _MARK).read_bytes() if (place / _MARK).is_file() else None
        if found == mark:
            return
        if found is not None:
            raise UsageError(f"--work {place} belongs to the reproduction of another release", "name a new folder")
        if any(place.iterdir()):
            raise UsageError(
                f"--work {place} is not empty", "name a new folder: what is in this one would be reused, not built"
            )
        write_atomically(place / _MARK, mark)


def make_plan(
    asked: Options,
    progress: Callable[[str], None] = lambda video_id: None,
    of_machine: Callable[[Sequence[str]], None] = lambda settings: None,
) -> Plan:
    """Finds the videos of the release and what is installed here. Nothing that the release names is run or opened.

    Args:
        asked: The options.
        progress: Called with the id of each video before it is hashed.
        of_machine: Called with the settings of `Plan.of_machine`, where there are any, before tools are looked for.

    Raises:
        UsageError: If RELEASE is no release, or an option is missing.
        ReleaseError: If the release is damaged.
        BackendError: If a tool or model is missing.
    """
    release = Release.open(asked.release, check_sums=True)
    provenance = release.provenance
    if unknown := [video_id for video_id in asked.only if video_id not in provenance.videos]:
        raise UsageError(f"--only names {', '.join(unknown)}, which the release does not hold", "see its labels.csv")
    ids = [video_id for video_id in release.ids if not asked.only or video_id in asked.only]
    _check_corrections(provenance, ids, asked)
    _check_players(provenance, ids, asked)
    videos = {video.video_id: video.path for video in corpora.discover(asked.videos).videos}
    left_out = {
        video_id: f"there is no video of this id in {asked.videos}" for video_id in ids if video_id not in videos
    }
    for video_id in ids:
        if lost := [section for section, settings in provenance.config_of(video_id).items() if settings is None]:
            left_out[video_id] = f"its settings of {', '.join(lost)} are not in the release"
    hashes: dict[str, str] = {}
    for video_id in (name for name in ids if name not in left_out):
        progress(video_id)
        with guarded(f"cannot read {videos[video_id]}"):
            hashes[video_id] = sha256(videos[video_id])
        if hashes[video_id] != provenance.videos[video_id].sha256:
            left_out[video_id] = f"{videos[video_id].name} is another video: its content is not that of the release's"
    chosen = [video_id for video_id in ids if video_id not in left_out]
    groups, ignored = groups_of(provenance, chosen, asked.settings)
    if ignored:
        of_machine(ignored)
    return Plan(release, groups, _here(groups, provenance, hashes, asked.overrides), left_out, ignored)


def rebuild(plan: Plan, asked: Options, place: Path, out: Path, jobs: int, emit: Callable[[Event], None]) -> Summary:
    """Builds the chosen interviews again and assembles them in `out`, one run per config.

    Raises:
        UsageError: If a run cannot start.
        StoreError: If a disk fails.
        ReleaseError: If `out` cannot be written.
    """
    total = Summary()
    for config, ids in plan.groups:
        request = Request(
            asked.videos,
            work_of(place),
            out,
            config,
            labels=asked.labels or asked.release / LABELS,
            overrides=asked.overrides,
            only=ids,
            jobs=jobs,
        )
        summary = execute(prepare(request), emit)
        total.done += summary.done
        total.failed |= {name: why for name, why in summary.failed.items() if name in ids}
        total.ran += summary.ran
        total.warnings += [text for text in summary.warnings if text not in total.warnings]
        total.wall_seconds += summary.wall_seconds
    return total


def work_of(place: Path) -> Path:
    """The WORK folder of a reproduction."""
    return place / "work"


def check_out(out: Path, release: Path) -> None:
    """Checks that building at `out` does not touch the release that is reproduced.

    Raises:
        UsageError: If one lies within the other.
    """
    mine, other = out.resolve(), release.resolve()
    if mine == other or other in mine.parents or mine in other.parents:
        raise UsageError(f"--out {out} and RELEASE lie within each other", "name a folder of its own")


def _check_corrections(provenance: Provenance, ids: Sequence[str], asked: Options) -> None:
    corrected = [video_id for video_id in ids if provenance.videos[video_id].overrides]
    if corrected and asked.overrides is None:
        names = ", ".join(corrected[:5]) + (", ..." if len(corrected) > 5 else "")
        raise UsageError(
            f"people's corrections took part in {len(corrected)} of the interviews ({names}), and their files are not "
            "in the release",
            "name their folder with --overrides, or leave these out with --only",
        )


def _check_players(provenance: Provenance, ids: Sequence[str], asked: Options) -> None:
    named = [name for name in ids if (by := provenance.videos[name].roles) is not None and by.rule == NAMED_BY_LABELS]
    if named and asked.labels is None:
        raise UsageError(
            f"the player's name in the labels says who is the interviewee in {len(named)} of the interviews "
            f"({first_few(named, len(named), ', ')}), and no release holds it",
            "name the table with --labels, or leave these out with --only",
        )


def _here(
    groups: Sequence[Group], released: Provenance, hashes: Mapping[str, str], overrides: Path | None
) -> Provenance:
    """What the interviews are made from and by on this machine, in the form of a release's provenance."""
    videos: dict[str, Source] = {}
    for config, ids in groups:
        stages = build(config, overrides)
        made = {stage.name: stage.provenance() for stage in stages}
        tools: dict[str, set[str]] = {}
        for name, version in (item for own in made.values() for item in own.tools.items()):
            tools.setdefault(name, set()).add(version)
        for video_id in ids:
            files = {(stage.name, name): file for stage in stages for name, file in stage.given(video_id).items()}
            videos[video_id] = Source(
                sha256=hashes[video_id],
                duration_s=released.videos[video_id].duration_s,
                config={SECTIONS[stage.name]: origin.portable(stage.settings()) for stage in stages},
                stages={stage.name: stage.version for stage in stages},
                tools={name: ", ".join(sorted(versions)) for name, versions in tools.items()},
                models=tuple(
                    Model(origin.portable(model.name), model.revision, model.sha256)
                    for own in made.values()
                    for model in own.models
                ),
                given={stage: file.sha256 for (stage, name), file in files.items() if name in GIVEN},
                overrides=released.videos[video_id].overrides,
                roles=released.videos[video_id].roles,
                made_by={name: made_by(own) for name, own in made.items() if own.tools},
            )
    return Provenance(
        format_version=FORMAT_VERSION,
        imigue_build=__version__,
        config={},
        corpus=released.corpus,
        tools={},
        models=(),
        videos=videos,
    )
