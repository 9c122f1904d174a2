"""What a release says of each interview, read from its manifest, RTTM and words TextGrids."""

from __future__ import annotations

from pathlib import Path

import msgspec

from imigue_build.apps.scoring.labels import Labels, Seconds, Word, with_phones
from imigue_build.core.errors import ReleaseError
from imigue_build.core.records import ROLES, Phone, Role, Turn
from imigue_build.corpus.annotations.sources import textgrid
from imigue_build.corpus.annotations.turns import rttm
from imigue_build.release.reading import check_release, read_rows
from imigue_build.release.schema.layout import ID_PATTERN, MANIFEST, interview_files


class _Word(msgspec.Struct):
    word: str
    start: Seconds
    end: Seconds


class _Row(msgspec.Struct):
    video_id: str
    role: Role
    speaker: str
    words: list[_Word]


class Released:
    """A release on disk; its interviews are those of its manifest and its folders with an RTTM file.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._rows: dict[str, list[_Row]] = {}
        manifest = root / MANIFEST
        check_release(root)
        try:
            silent = [path.name for path in root.iterdir() if self._rttm(path.name).is_file()]
        except OSError as error:
            raise ReleaseError(f"{root} cannot be read ({error.strerror})", "check the folder") from error
        for row in read_rows(manifest, _Row, _fault):
            self._rows.setdefault(row.video_id, []).append(row)
        self.ids = tuple(sorted({*self._rows, *silent}))

    def labels(self, video_id: str, phones: bool) -> Labels:
        """One interview's words, turns and roles.

        Args:
            phones: Whether the words are to have their phones, which takes longer.

        Raises:
            AnnotationError: If one of its files cannot be read.
        """
        rows = self._rows.get(video_id, [])
        words = {
            role: [
                Word(one.word, one.start, one.end, row.speaker) for row in rows if row.role == role for one in row.words
            ]
            for role in ROLES
        }
        tiers = self._phones(video_id) if phones else {}
        both = [word for role in ROLES for word in with_phones(words[role], {None: tiers.get(role, [])})]
        turns = tuple(Turn(one.start, one.end, one.speaker or "") for one in rttm(self._rttm(video_id), video_id))
        return Labels(tuple(both), turns, {row.speaker: row.role for row in rows})

    def _rttm(self, video_id: str) -> Path:
        return self._root / video_id / interview_files(video_id).rttm

    def _phones(self, video_id: str) -> dict[Role, list[Phone]]:
        tiers = {
            tier.name: tier.intervals for tier in textgrid(self._root / video_id / interview_files(video_id).words)
        }
        return {
            role: [Phone(one.start, one.end, one.text) for one in tiers.get(f"{role} - phones", ())] for role in ROLES
        }


def _fault(row: _Row) -> str:
    return "" if ID_PATTERN.fullmatch(row.video_id) else f"{row.video_id!r} is no id"
