"""`imigue-build validate`: an independent check of every rule of the release's format.

It shares with the code that writes releases only the names in `layout`. Interviews are checked concurrently;
memory holds their tables, never their audio.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from imigue_build.config.slots import NO_BACKENDS, Catalogue
from imigue_build.core.errors import UsageError
from imigue_build.core.records import ROLES
from imigue_build.release.schema.layout import LABELS, MANIFEST, PROVENANCE, SEGMENT_TIERS, SUMS, WORD_TIERS
from imigue_build.release.validate import audio, manifest, phones, rttm, tables, text, textgrid
from imigue_build.release.validate import provenance as provenance_rules
from imigue_build.release.validate import tree as tree_rules
from imigue_build.release.validate.base import Fault, Faults, Interview, Tree, scan
from imigue_build.release.validate.row import Row

__all__ = ["Fault", "validate"]

_RELEASE_FILES: Final = frozenset((LABELS, MANIFEST, PROVENANCE, SUMS))
_WORKERS: Final = 4
"""Interviews checked concurrently: hashing and reading audio release the interpreter lock."""


def validate(release: Path, catalogue: Catalogue = NO_BACKENDS) -> list[Fault]:
    """Every breach of the release format, by path and rule; empty for a valid release.

    Args:
        release: The release's folder.
        catalogue: The backends, by whose sections it is known which settings are of a machine.

    Raises:
        UsageError: If `release` is not a folder, cannot be listed, or has none of a release's files.
    """
    tree = _open(release)
    faults = Faults()
    provenance = provenance_rules.read_provenance(tree, faults, catalogue)
    if provenance.newer:
        return faults.listed()
    folders = tree_rules.interviews(tree)
    tree_rules.check_tree(tree, faults)
    sums = tree_rules.read_sums(tree, faults)
    tree_rules.check_hashes(tree, sums, sorted(path for path in tree.files if "/" not in path), faults)
    tables.check_labels(tree, folders, faults)
    tables.check_card(tree, provenance, faults)
    tables.check_dropped(tree, folders, faults)
    provenance_rules.check_videos(provenance, folders, faults)
    rows = manifest.index_manifest(tree, folders, faults)
    check = partial(_check_interview, tree, sums, provenance, rows)
    with ThreadPoolExecutor(min(_WORKERS, os.cpu_count() or 1)) as pool:
        for found in pool.map(check, folders):
            faults.absorb(found)
    return faults.listed()


def _open(release: Path) -> Tree:
    remedy = "name the folder that run-all was given as --release"
    try:
        if not release.is_dir():
            problem = "is not a folder" if release.exists() else "does not exist"
            raise UsageError(f"the release {release} {problem}", remedy)
        tree = scan(release.resolve())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"the release {release} cannot be read ({reason})", "check its permissions") from error
    if not _RELEASE_FILES & (tree.files | tree.folders | tree.links):
        raise UsageError(f"{release} is not a release: it has none of {', '.join(sorted(_RELEASE_FILES))}", remedy)
    return tree


def _check_interview(
    tree: Tree,
    sums: dict[str, str],
    provenance: provenance_rules.ProvenanceView,
    row_index: manifest.Rows | None,
    video_id: str,
) -> Faults:
    """The faults of one interview, in its folder and in its rows of the manifest."""
    faults = Faults()
    interview = Interview(video_id, tree, faults, provenance.settings(video_id))
    inside = sorted(path for path in tree.files if path.startswith(f"{video_id}/"))
    tree_rules.check_hashes(tree, sums, inside, faults)
    duration = audio.check_recording(interview)
    if duration is not None:
        provenance_rules.check_duration(provenance, video_id, duration, faults)
    rows = manifest.read_rows(interview, row_index, duration) if row_index is not None else None
    turns = rttm.read_rttm(interview, duration)
    segments = textgrid.read_textgrid(interview, interview.files.segments, SEGMENT_TIERS, duration)
    words = textgrid.read_textgrid(interview, interview.files.words, WORD_TIERS, duration)
    text.check_lines(interview, rows)
    text.check_transcript(interview, rows, duration)
    overlap = None
    if segments:
        rttm.check_diarization(interview, segments["diarization"], turns)
        overlap = rttm.check_overlap(interview, segments["overlap"], turns)
        textgrid.check_vad(interview, segments["vad"])
        rttm.check_covered(interview, "diarization", segments["diarization"], turns)
        rttm.check_covered(interview, "vad", segments["vad"], turns)
        rttm.check_spoken(interview, segments["vad"], turns)
    if rows is not None:
        _check_rows(interview, rows, turns, segments, words, overlap)
    return faults


def _check_rows(
    interview: Interview,
    rows: list[Row],
    turns: list[rttm.Turn] | None,
    segments: dict[str, textgrid.Tier] | None,
    words: dict[str, textgrid.Tier] | None,
    overlap: list[rttm.Region] | None,
) -> None:
    """Rules that need every row of the interview."""
    manifest.check_numbering(rows, interview.faults)
    manifest.check_role_confidence(rows, interview.faults)
    rttm.check_roles(interview, rows, turns)
    role_words = manifest.check_words(rows, interview.video_id, interview.faults)
    if words:
        textgrid.check_words_tiers(interview, words, role_words)
        phones.check_phones(interview, words, rows)
    if segments:
        textgrid.check_transcript_tiers(interview, segments, rows)
    if overlap is not None:
        rttm.check_overlap_seconds(interview, rows, overlap)
    audio.check_cuts(interview, rows, overlap)
    audio.check_clips(interview, rows)
    text.check_segment_texts(interview, rows)
    for role in ROLES:
        named = {row.segment_id for row in rows if row.role == role}
        for stem in sorted(tree_rules.clip_stems(interview.tree, interview.video_id, role) - named):
            interview.faults.add(
                f"{interview.video_id}/{role}/{stem}",
                "file-unexpected",
                "the manifest has no row for this segment",
            )
