"""What a release says of an interview, in the form that is compared with references."""

from __future__ import annotations

from imigue_build.apps.scoring.labels import Labels, Word, with_phones
from imigue_build.core.records import ROLES
from imigue_build.release.reader import Interview


def released(interview: Interview, phones: bool) -> Labels:
    """An interview's words, turns and roles.

    Args:
        interview: Of a release.
        phones: Whether the words are to have their phones, which takes longer.

    Raises:
        InterviewError: If one of its files cannot be read.
    """
    found: list[Word] = []
    for role in ROLES:
        words = [
            Word(word.word, word.start, word.end, segment.speaker)
            for segment in interview.segments
            if segment.role == role
            for word in segment.words
        ]
        found += with_phones(words, {None: interview.phones(role) if phones else ()})
    return Labels(tuple(found), interview.turns, interview.roles)
