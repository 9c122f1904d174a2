"""Which interviews of WORK can be released, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build.core.record_json import decode
from imigue_build.core.reporting import reporting
from imigue_build.release.build.interview import FACTS, RELEASE
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.build.origin import Lineage, lineage
from imigue_build.release.build.target import listed, recorded
from imigue_build.release.schema.layout import interview_files
from imigue_build.store.completion import Completion, Output
from imigue_build.store.disk import read
from imigue_build.store.workspace import Workspace

_EXPORT: Final = "export"


@dataclass(frozen=True)
class Exported:
    """An interview with a whole export.

    Attributes:
        folder: Of its export in WORK.
        source: The SHA-256 of its video.
    """

    export: Completion
    folder: Path
    lineage: Lineage
    facts: InterviewFacts
    source: str

    @property
    def files(self) -> Iterator[tuple[str, Path, Output]]:
        """Path in the release, path in WORK, and what is known of each file."""
        for name, output in self.export.outputs.items():
            kind, _, rest = name.partition("/")
            if kind == RELEASE:
                yield f"{self.export.video_id}/{rest}", self.folder / name, output


def collect(
    work: Workspace,
    video_ids: Sequence[str],
    release: Path,
    to_hash: Collection[str],
    report: Callable[[str], None],
) -> tuple[dict[str, Exported], dict[str, str]]:
    """The interviews that can be released, by id in order, and why others cannot; `to_hash` are hashed first."""
    before, sums = recorded(release.resolve()), listed(release.resolve())
    found: dict[str, Exported] = {}
    left_out: dict[str, str] = {}
    for video_id in reporting(sorted(set(video_ids)), "checked exports in WORK", report):
        export = work.completion(video_id, _EXPORT)
        if export is None:
            continue
        damage = work.damage(export, verify=video_id in to_hash, remember=True)
        if damage is not None:
            left_out[video_id] = f"its export is damaged: {damage}"
            continue
        line = lineage(work, export)
        source = line.source or _source_before(export, before.get(video_id), sums)
        if source is None:
            left_out[video_id] = "its video was extracted again since, and not yet exported"
            continue
        folder = work.artifact(video_id, _EXPORT)
        try:
            facts = decode(read(folder / FACTS), InterviewFacts)
        except ValueError:
            left_out[video_id] = "its export is of another version of imigue-build: run export again with --force"
            continue
        found[video_id] = Exported(export, folder, line, facts, source)
    return found, left_out


def _source_before(export: Completion, before: object, sums: Mapping[str, str]) -> str | None:
    """The video's hash as the present release states it, if it holds the very same recording."""
    wav = interview_files(export.video_id).wav
    recording = export.outputs.get(f"{RELEASE}/{wav}")
    if recording is None or sums.get(f"{export.video_id}/{wav}") != recording.sha256 or not isinstance(before, dict):
        return None
    source = before.get("sha256")
    return source if isinstance(source, str) else None
