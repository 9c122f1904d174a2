"""Assembling the release from the interviews' artifacts: links, tables, sums, and one swap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from imigue_build.core.errors import ReleaseError, UsageError, first_few
from imigue_build.core.records import ROLES, Label
from imigue_build.core.reporting import reporting
from imigue_build.release.build.assembled import Assembled
from imigue_build.release.build.card.backends import Describe, nothing_known
from imigue_build.release.build.card.document import card
from imigue_build.release.build.collect import Exported, collect
from imigue_build.release.build.edited import Edited, ReleaseFiles, keep_edited
from imigue_build.release.build.interview import ROWS
from imigue_build.release.build.origin import provenance
from imigue_build.release.build.target import check_replaceable, interviews_of, listed
from imigue_build.release.build.up_to_date import LastRelease, forget_release, noted_release
from imigue_build.release.reader.composition import SegmentFigures
from imigue_build.release.schema import labels as label_table
from imigue_build.release.schema import provenance as provenances
from imigue_build.release.schema import sums as sum_table
from imigue_build.release.schema.corpus import NO_CORPUS, CorpusText
from imigue_build.release.schema.layout import DROPPED, LABELS, MANIFEST, PROVENANCE, README, SUMS, is_in_layout
from imigue_build.release.schema.rows import dropped_line, parse_segment
from imigue_build.store import system
from imigue_build.store.disk import guarded, link_or_copy, read, sha256
from imigue_build.store.swap import clear_up, new_folder, recover, swap_in
from imigue_build.store.workspace import Workspace

_BLOCK: Final = 1 << 20
_RETRIES: Final = 3


@dataclass(frozen=True)
class Checks:
    """How closely an assembly looks at what is there.

    Attributes:
        force: Whether the release is written also where it is up to date.
        contents: Whether files are believed by their contents alone, not by their stats.
        hashed: Interviews whose exports were hashed just now.
        report: Called with a line now and then where that takes long.
    """

    force: bool = False
    contents: bool = False
    hashed: Set[str] = frozenset()
    report: Callable[[str], None] = lambda line: None


def assemble(
    work: Workspace,
    video_ids: Sequence[str],
    labels: Mapping[str, Label],
    release: Path,
    describe: Describe = nothing_known,
    check_lease: Callable[[], None] = lambda: None,
    checks: Checks = Checks(),
    corpus: CorpusText = NO_CORPUS,
    others: Collection[str] = (),
) -> Assembled:
    """Makes `release` hold every interview with a whole export, and nothing else.

    Only for who holds the lock on its place (`store.lock`), whose parent is there. It is built beside its place and
    swapped in when it is complete; a swap that was interrupted is finished first. Where the release is up to date, or
    there is nothing to release, nothing is written, nor where it holds an interview that another run is still making.
    The same artifacts give the same bytes. Files that somebody edited are kept beside it.

    Args:
        describe: What is known of the backends, for the card.
        check_lease: Raises `LeaseLostError` where another run assembles the release by now.
        checks: How closely to look.
        corpus: What the recipe says of the recordings.
        others: Ids of the interviews that other runs make, as those of other shards.

    Raises:
        LeaseLostError: If `check_lease` does; then the older release is still there.
        ReleaseError: If something is at its place that would be lost: also an interview that WORK cannot release.
        StoreError: If the disk fails or is full; then the older release is still there.
    """
    build = _Build(work, labels, release, describe, check_lease, checks, corpus, others)
    with guarded(f"cannot write the release {release}"):
        for _ in range(_RETRIES):
            check_lease()
            recover(release)
            _check(release)
            with suppress(FileNotFoundError):  # another run published an interview meanwhile
                return build.run(video_ids)
        return build.run(video_ids)


@dataclass(frozen=True)
class _Build:
    """One assembly; its fields are the arguments of `assemble`."""

    work: Workspace
    labels: Mapping[str, Label]
    release: Path
    describe: Describe
    check_lease: Callable[[], None]
    checks: Checks
    corpus: CorpusText
    others: Collection[str]

    def run(self, video_ids: Sequence[str]) -> Assembled:
        to_hash = set(video_ids) - self.checks.hashed if self.checks.contents else set[str]()
        interviews, left_out = collect(self.work, video_ids, self.release, to_hash, self.checks.report)
        if not interviews:
            return Assembled(False, [], {}, left_out)
        if awaited := self._awaited(interviews, left_out):
            return Assembled(False, [], awaited=awaited)
        digest, segments = _read_rows(interviews)
        documents = self._documents(interviews, segments)
        sums = _sums(interviews, documents, digest)
        note = noted_release(self.work, self.release)
        known = note.stats if note is not None and not self.checks.contents else {}
        present = ReleaseFiles(self.release.resolve(), _sources(interviews), known)
        result = Assembled(
            self.checks.force or not self._is_up_to_date(present, sums, note),
            sorted(interviews),
            {name: sorted(interview.lineage.lost) for name, interview in interviews.items() if interview.lineage.lost},
            left_out,
        )
        if result.changed:
            result = replace(result, edited=self._build(interviews, documents, sums, present, note))
            for interview in interviews.values():
                self.work.note_links(interview.export)
        return result

    def _awaited(self, interviews: Mapping[str, Exported], left_out: Mapping[str, str]) -> list[str]:
        """The interviews of the present release that the next one would lack, where other runs are making them.

        Raises:
            ReleaseError: If one would be lost that no other run makes.
        """
        missing = sorted(interviews_of(self.release.resolve()) - set(interviews))
        if set(missing) <= set(self.others) - set(left_out):
            return missing
        reasons = [f"{video_id} ({left_out.get(video_id, 'WORK has no whole export of it')})" for video_id in missing]
        raise ReleaseError(
            f"--release {self.release} holds what WORK cannot release: {first_few(reasons, len(reasons), ', ')}; "
            "it was left as it is",
            "run-all without --only and --shard makes what is missing, with --verify what is damaged; or name another "
            "folder, or the --work that it was built from",
        )

    def _documents(self, interviews: Mapping[str, Exported], segments: SegmentFigures) -> dict[str, bytes]:
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
            self.corpus,
        )
        dropped = b"".join(dropped_line(row) for interview in facts for row in interview.dropped)
        optional = {DROPPED: dropped} if any(interview.filtered for interview in facts) else {}
        return {
            **optional,
            LABELS: label_table.encode(self.labels.get(video_id, Label(video_id)) for video_id in interviews),
            README: card(facts, self.labels, origin, segments, self.describe).encode(),
            PROVENANCE: provenances.encode(origin),
        }

    def _is_up_to_date(self, present: ReleaseFiles, sums: bytes, note: LastRelease | None) -> bool:
        """Whether the present release has these sums, and the files that they list."""
        noted = note is not None and note.sums == hashlib.sha256(sums).hexdigest()
        try:
            if read(self.release.resolve() / SUMS) != sums:
                return False
            lines = [line.partition("  ") for line in sums.decode().splitlines()]
            checked = reporting(lines, "checked files of the release", self.checks.report)
            return all(present.is_as_written(path, digest, noted) for digest, _, path in checked)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _build(
        self,
        interviews: Mapping[str, Exported],
        documents: Mapping[str, bytes],
        sums: bytes,
        present: ReleaseFiles,
        note: LastRelease | None,
    ) -> Edited | None:
        """Builds the release beside its place and swaps it in; returns what had been edited in the older one."""
        place, new = self.release.resolve(), new_folder(self.release)
        try:
            for video_id in interviews:
                for folder in (new / video_id, *(new / video_id / role for role in ROLES)):
                    system.mkdir(folder)
            for path, source in _sources(interviews).items():
                link_or_copy(source, new / path)
            for name, content in documents.items():
                system.write(new / name, [content])
            system.write(new / MANIFEST, _manifest(interviews))
            system.write(new / SUMS, [sums])
            edited, missing = present.changed(_as_it_was(place, note, sums))
            _check(self.release)  # something may have been put there meanwhile
            self.check_lease()
            kept = keep_edited(place, edited, missing)
            forget_release(self.work)
            swap_in(new, self.release, self.check_lease)
        except BaseException as error:
            clear_up(new, self.release, self.check_lease)
            if isinstance(error, OSError):
                self.check_lease()  # the run that took the place over removes our files
            raise
        return kept


def _as_it_was(place: Path, note: LastRelease | None, sums: bytes) -> dict[str, str]:
    """Path -> SHA-256 of the files of the release at `place` when it was written.

    Where its sums are not those that were noted, somebody wrote new ones, perhaps to fit files that he edited: then all
    that differs from the release that is to be written counts as edited. Names that no release holds are passed over.
    """
    found = {path: digest for path, digest in listed(place).items() if is_in_layout(path)}
    if not found or note is None or not note.sums or note.sums == sha256(place / SUMS):
        return found
    written = {path: digest for digest, _, path in (line.partition("  ") for line in sums.decode().splitlines())}
    return {SUMS: note.sums} | {path: written.get(path, "") for path in found}


def _check(release: Path) -> None:
    try:
        check_replaceable(release)
    except UsageError as error:
        raise ReleaseError(error.what, error.remedy) from error


def _read_rows(interviews: Mapping[str, Exported]) -> tuple[str, SegmentFigures]:
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


def _manifest(interviews: Mapping[str, Exported]) -> Iterator[bytes]:
    """The manifest in blocks: the rows of each interview in turn."""
    for interview in interviews.values():
        with open(interview.folder / ROWS, "rb") as rows:
            while block := rows.read(_BLOCK):
                yield block


def _sums(interviews: Mapping[str, Exported], documents: Mapping[str, bytes], manifest: str) -> bytes:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}
    sums[MANIFEST] = manifest
    for interview in interviews.values():
        sums |= {path: output.sha256 for path, _, output in interview.files}
    return sum_table.encode(sums)


def _sources(interviews: Mapping[str, Exported]) -> dict[str, Path]:
    return {path: source for interview in interviews.values() for path, source, _ in interview.files}
