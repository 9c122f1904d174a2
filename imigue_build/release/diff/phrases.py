"""What changed in an interview, in words for people: the table of the terminal and the page say the same."""

from __future__ import annotations

from collections.abc import Iterator

from imigue_build.release.diff.result import Clips, Interview, Turns, Words


def phrases(one: Interview) -> Iterator[tuple[str, str, str]]:
    """What changed of an interview, how, and because of what; a column of the labels as well."""
    told = {
        "words": _words(one.words) if one.words else "",
        "confidence": f"of {one.words.confidences:,} words" if one.words else "",
        "times": _times(one.words) if one.words else "",
        "speakers": f"{one.words.speakers:,} words are another's" if one.words else "",
        "turns": _turns(one.turns) if one.turns else "",
        "roles": "the interviewee is {} instead of {}".format(*reversed(one.interviewee)) if one.interviewee else "",
        "clips": _clips(one.clips) if one.clips else "",
        "drops": "{} -> {}".format(*one.drops) if one.drops else "",
        "recording": "another recording",
        "phones": "moved or others",
        "measures": ", ".join(one.measures) or "files beside the manifest",
    }
    for aspect in one.changed:
        yield aspect, told[aspect] or "changed", ", ".join(one.because[aspect])
    for column, (before, after) in one.labels.items():
        yield column, f"{before or 'empty'} -> {after or 'empty'}", "the labels that were given"


def _words(found: Words) -> str:
    parts = {"substituted": found.substituted, "inserted": found.inserted, "deleted": found.deleted}
    text = ", ".join(f"{count:,} {name}" for name, count in parts.items() if count)
    respelled = f" ({found.respelled:,} in case or punctuation alone)" if found.respelled else ""
    return f"{text}{respelled}, of {found.before:,}"


def _times(found: Words) -> str:
    return f"{found.moved:,} words moved, by {found.moved_median_ms:g} ms (median), at most {found.moved_max_ms:g} ms"


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
