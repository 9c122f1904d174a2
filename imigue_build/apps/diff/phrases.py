"""What changed in an interview, in words for people: the table of the terminal and the page say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from imigue_build.apps.diff.result import Aspect, Clips, Interview, Turns, Words
from imigue_build.core.plurals import clause, counted


def phrases(interview: Interview) -> Iterator[tuple[str, str, str]]:
    """What changed in an interview, how, and because of what; a column of the labels as well."""
    for aspect in interview.changed:
        yield aspect, _how(aspect, interview), ", ".join(interview.because[aspect])
    for column, (before, after) in interview.labels.items():
        yield column, f"{before or 'empty'} -> {after or 'empty'}", "the labels that were given"


def _how(aspect: Aspect, interview: Interview) -> str:
    if interview.words and aspect in _OF_WORDS:
        return _OF_WORDS[aspect](interview.words)
    if aspect == "turns" and interview.turns:
        return _turns(interview.turns)
    if aspect == "roles" and interview.interviewee:
        return "the interviewee is {1} instead of {0}".format(*interview.interviewee)
    if aspect == "clips" and interview.clips:
        return _clips(interview.clips)
    if aspect == "drops" and interview.drops:
        return "{:,} -> {:,} segments".format(*interview.drops)
    if aspect == "measures":
        return ", ".join(interview.measures) or "files beside the manifest"
    return "another recording" if aspect == "recording" else "moved, or others"


def _words(found: Words) -> str:
    parts = {"substituted": found.substituted, "inserted": found.inserted, "deleted": found.deleted}
    text = ", ".join(f"{count:,} {name}" for name, count in parts.items() if count)
    respelled = f" ({found.respelled:,} in case or punctuation alone)" if found.respelled else ""
    return f"{text}{respelled}, of {found.before:,}"


def _times(found: Words) -> str:
    many = counted(found.moved, "word")
    return f"{many} moved, by {found.moved_median_ms:g} ms (median), at most {found.moved_max_ms:g} ms"


def _turns(found: Turns) -> str:
    share = f"{100 * found.other_speaker:.1f} % of the time in speech has other speakers"
    voices = ""
    if found.speakers_before != found.speakers_after:
        voices = f", {found.speakers_before} -> {found.speakers_after} speakers"
    return f"{share}, {found.before:,} -> {found.after:,} turns{voices}"


def _clips(found: Clips) -> str:
    parts = {
        "added": found.added,
        "removed": found.removed,
        "recut": found.recut,
        "of another role": found.other_role,
        "of other content": found.other_content,
        "renumbered": found.renumbered,
    }
    text = ", ".join(f"{count:,} {name}" for name, count in parts.items() if count)
    return f"{text or 'other files'}; {found.before:,} -> {found.after:,}"


_OF_WORDS: Final[dict[Aspect, Callable[[Words], str]]] = {
    "words": _words,
    "times": _times,
    "confidence": lambda found: f"of {found.confidences:,} words",
    "speakers": lambda found: f"{clause(found.speakers, 'word', 'is', 'are')} another's",
}
