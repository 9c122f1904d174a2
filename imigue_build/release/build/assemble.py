"""Assembling the release from the interviews' artifacts: links, tables, sums, and one swap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.core.record_json import decode
from imigue_build.core.records import ROLES, Label
from imigue_build.release.build.card import Describe, card, nothing_known
from imigue_build.release.build.edited import Edited, find_edited, is_as_written, keep_edited
from imigue_build.release.build.interview import FACTS, RELEASE, ROWS
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.build.origin import Lineage, lineage, provenance
from imigue_build.release.build.target import check_replaceable, listed, recorded
from imigue_build.release.reader.composition import SegmentFigures
from imigue_build.release.schema import labels as label_table
from imigue_build.release.schema import provenance as provenances
from imigue_build.release.schema import sums as sum_table
from imigue_build.release.schema.layout import DROPPED, LABELS, MANIFEST, PROVENANCE, README, SUMS, interview_files
from imigue_build.release.schema.rows import dropped_line, parse_segment
from imigue_build.store import system
from imigue_build.store.completion import Completion, Output
from imigue_build.store.disk import guarded, link_or_copy, make_folder, read, remove_tree
from imigue_build.store.leases import LeaseLostError
from imigue_build.store.swap import new_folder, recover, swap_in
from imigue_build.store.workspace import Workspace

_EXPORT: Final = "export"
_BLOCK: Final = 1 << 20
_RETRIES: Final = 3


@dataclass(frozen=True)
class Assembled:
    """The outcome of an assembly.

    Attributes:
        changed: False where the release was up to date; then nothing was written.
        interviews: Ids of the interviews it holds, sorted.
        outdated: By id the stages that ran again since the interview's export, which therefore shows an earlier state.
        left_out: Interviews with an export that cannot be released, and why.
        edited: Files of the release before that somebody had edited; None where there was none.
    """

    changed: bool
    interviews: list[str]
    outdated: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    edited: Edited | None = None


@dataclass(frozen=True)
class _Interview:
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


def assemble(
    work: Workspace,
    video_ids: Sequence[str],
    labels: Mapping[str, Label],
    release: Path,
    describe: Describe = nothing_known,
    check_lease: Callable[[], None] = lambda: None,
) -> Assembled:
    """Makes `release` hold every interview with a whole export, and nothing else.

    It is built beside its place and swapped in when it is complete; a swap that was interrupted is
    finished first. Where the release is up to date, or there is nothing to release, nothing is
    written. The same artifacts give the same bytes. Files that somebody edited are kept beside it.

    Args:
        describe: What is known of the backends, for the card.
        check_lease: Raises `LeaseLostError` where another run assembles the release by now.

    Raises:
        LeaseLostError: If `check_lease` does; then the older release is still there.
        ReleaseError: If something is at its place that would be lost.
        StoreError: If the disk fails or is full; then the older release is still there.
    """
    with guarded(f"cannot write the release {release}"):
        for _ in range(_RETRIES):
            check_lease()
            recover(release)
            _check(release)
            with suppress(FileNotFoundError):  # another run published an interview meanwhile
                return _assemble(work, video_ids, labels, release, describe, check_lease)
        return _assemble(work, video_ids, labels, release, describe, check_lease)


def _assemble(
    work: Workspace,
    video_ids: Sequence[str],
    labels: Mapping[str, Label],
    release: Path,
    describe: Describe,
    check_lease: Callable[[], None],
) -> Assembled:
    interviews, left_out = _collect(work, video_ids, release)
    if not interviews:
        return Assembled(False, [], {}, left_out)
    digest, segments = _read_rows(interviews)
    documents = _documents(interviews, labels, segments, describe)
    sums = _sums(interviews, documents, digest)
    result = Assembled(
        not _is_up_to_date(release.resolve(), interviews, sums),
        sorted(interviews),
        {name: sorted(interview.lineage.lost) for name, interview in interviews.items() if interview.lineage.lost},
        left_out,
    )
    if result.changed:
        result = replace(result, edited=_build(release, interviews, documents, sums, check_lease))
        for interview in interviews.values():
            work.note_links(interview.export)
    return result


def _check(release: Path) -> None:
    try:
        check_replaceable(release)
    except UsageError as error:
        raise ReleaseError(error.what, error.remedy) from error


def _collect(work: Workspace, video_ids: Sequence[str], release: Path) -> tuple[dict[str, _Interview], dict[str, str]]:
    """The interviews that can be released, by id in order, and why others cannot."""
    before, sums = recorded(release.resolve()), listed(release.resolve())
    found: dict[str, _Interview] = {}
    left_out: dict[str, str] = {}
    for video_id in sorted(set(video_ids)):
        export = work.completion(video_id, _EXPORT)
        if export is None:
            continue
        damage = work.damage(export, remember=True)
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
        found[video_id] = _Interview(export, folder, line, facts, source)
    return found, left_out


def _source_before(export: Completion, before: object, sums: Mapping[str, str]) -> str | None:
    """The video's hash as the present release states it, if it holds the very same recording."""
    wav = interview_files(export.video_id).wav
    recording = export.outputs.get(f"{RELEASE}/{wav}")
    if recording is None or sums.get(f"{export.video_id}/{wav}") != recording.sha256 or not isinstance(before, dict):
        return None
    source = before.get("sha256")
    return source if isinstance(source, str) else None


def _documents(
    interviews: Mapping[str, _Interview], labels: Mapping[str, Label], segments: SegmentFigures, describe: Describe
) -> dict[str, bytes]:
    """The files at the top of the release but the manifest and the sums."""
    facts = [interview.facts for interview in interviews.values()]
    origin = provenance(
        {video_id: interview.lineage for video_id, interview in interviews.items()},
        {video_id: interview.source for video_id, interview in interviews.items()},
        {interview.video_id: interview.duration for interview in facts},
        {interview.video_id: interview.audio for interview in facts},
        {interview.video_id: interview.corrections for interview in facts},
        {interview.video_id: interview.role_reasons for interview in facts},
        {interview.video_id: interview.roles_by for interview in facts},
    )
    dropped = b"".join(dropped_line(row) for interview in facts for row in interview.dropped)
    optional = {DROPPED: dropped} if any(interview.filtered for interview in facts) else {}
    return {
        **optional,
        LABELS: label_table.encode(labels.get(video_id, Label(video_id)) for video_id in interviews),
        README: card(facts, labels, origin, segments, describe).encode(),
        PROVENANCE: provenances.encode(origin),
    }


def _read_rows(interviews: Mapping[str, _Interview]) -> tuple[str, SegmentFigures]:
    """The SHA-256 of the manifest, and the figures of its segments; the rows are read once for both.

    Raises:
        ReleaseError: If an interview's rows cannot be read.
    """
    digest, segments = hashlib.sha256(), SegmentFigures()
    for video_id, interview in interviews.items():
        with open(interview.folder / ROWS, "rb") as rows:
            for line in rows:
                digest.update(line)
                try:
                    segments.add(parse_segment(line))
                except ValueError as error:
                    what = f"the export of {video_id} holds a row that cannot be read ({error})"
                    raise ReleaseError(what, "run export again with --force") from error
    return digest.hexdigest(), segments


def _manifest(interviews: Mapping[str, _Interview]) -> Iterator[bytes]:
    """The manifest in blocks: the rows of each interview in turn."""
    for interview in interviews.values():
        with open(interview.folder / ROWS, "rb") as rows:
            while block := rows.read(_BLOCK):
                yield block


def _sums(interviews: Mapping[str, _Interview], documents: Mapping[str, bytes], manifest: str) -> bytes:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}
    sums[MANIFEST] = manifest
    for interview in interviews.values():
        sums |= {path: output.sha256 for path, _, output in interview.files}
    return sum_table.encode(sums)


def _is_up_to_date(place: Path, interviews: Mapping[str, _Interview], sums: bytes) -> bool:
    """Whether the release at `place` has these sums, and the files that they list."""
    sources = _sources(interviews)
    try:
        if read(place / SUMS) != sums:
            return False
        since = (place / SUMS).stat().st_ctime_ns
        lines = (line.partition("  ") for line in sums.decode().splitlines())
        return all(is_as_written(place / path, digest, sources.get(path), since) for digest, _, path in lines)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _sources(interviews: Mapping[str, _Interview]) -> dict[str, Path]:
    return {path: source for interview in interviews.values() for path, source, _ in interview.files}


def _build(
    release: Path,
    interviews: Mapping[str, _Interview],
    documents: Mapping[str, bytes],
    sums: bytes,
    check_lease: Callable[[], None],
) -> Edited | None:
    """Builds the release beside its place and swaps it in; returns the files of the older one that had been edited."""
    new = new_folder(release)
    try:
        for video_id in interviews:
            for role in ROLES:
                make_folder(new / video_id / role)
        for path, source in _sources(interviews).items():
            link_or_copy(source, new / path)
        for name, content in documents.items():
            system.write(new / name, [content])
        system.write(new / MANIFEST, _manifest(interviews))
        system.write(new / SUMS, [sums])
        files = find_edited(release.resolve(), _sources(interviews))
        check_lease()
        edited = keep_edited(release.resolve(), files) if files else None
        swap_in(new, release)
    except LeaseLostError:
        remove_tree(new)  # only what is this run's own
        raise
    except BaseException as error:
        with suppress(OSError):
            if isinstance(error, OSError):
                check_lease()  # the run that took the lease removes our files
            recover(release)
        raise
    return edited
