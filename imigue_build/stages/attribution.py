"""Which speaker said which word, and which words make an utterance. No word is ever lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from imigue_build.intervals import intersect, total
from imigue_build.records import AlignedWord, Diarization, Transcript, Turn, Utterance, Word


def attribute(transcript: Transcript, diarization: Diarization) -> list[tuple[Word, str]]:
    """Every word with its speaker, in the order of the transcript.

    Where a segment names its speaker, its words belong to the diarized speaker whose turns share
    most time with all that this speaker says. Every other word belongs to whose exclusive turns
    cover most of it, else to whose turn is nearest.

    Args:
        diarization: With at least one exclusive turn.
    """
    turns = diarization.exclusive
    starts = [turn.start for turn in turns]
    named = _named(transcript, diarization)
    return [
        (word, named.get(segment.speaker) or _speaker(word, turns, starts))
        for segment in transcript.segments
        for word in segment.words
    ]


def _named(transcript: Transcript, diarization: Diarization) -> dict[str | None, str]:
    """For each speaker that the transcript names, the diarized one; none where no time is shared."""
    said: dict[str, list[Word]] = {}
    for segment in transcript.segments:
        if segment.speaker is not None:
            said.setdefault(segment.speaker, []).extend(segment.words)
    talked: dict[str, list[Turn]] = {}
    for turn in diarization.turns:
        talked.setdefault(turn.speaker, []).append(turn)
    found: dict[str | None, str] = {}
    for name, words in said.items():
        common = {speaker: total(intersect(words, own)) for speaker, own in talked.items()}
        best = max(sorted(common), key=lambda speaker: common[speaker], default=None)
        if best is not None and common[best] > 0:
            found[name] = best
    return found


def _speaker(word: Word, turns: Sequence[Turn], starts: Sequence[float]) -> str:
    first = max(bisect_right(starts, word.start) - 1, 0)
    last = max(bisect_right(starts, word.end), first + 1)
    covered: dict[str, float] = {}
    for turn in turns[first:last]:
        common = min(word.end, turn.end) - max(word.start, turn.start)
        if common > 0:
            covered[turn.speaker] = covered.get(turn.speaker, 0.0) + common
    if covered:
        return max(sorted(covered), key=lambda speaker: covered[speaker])
    near = turns[max(first - 1, 0) : last + 1]
    return min(near, key=lambda turn: (max(turn.start - word.middle, word.middle - turn.end), turn.start)).speaker


def utterances(attributed: Sequence[tuple[Word, str]], pause: float, longest: float) -> tuple[Utterance, ...]:
    """Groups attributed words into utterances of one speaker each, in time order.

    An utterance ends where another speaker's word comes in between, before a pause longer than
    `pause` seconds, and before it would exceed `longest` seconds.
    """
    spoken: dict[str, list[Word]] = {}
    for word, speaker in attributed:
        spoken.setdefault(speaker, []).append(word)
    found: list[Utterance] = []
    for speaker, words in spoken.items():
        words.sort(key=lambda word: (word.start, word.end))
        middles = sorted(word.middle for word, other in attributed if other != speaker)
        group: list[Word] = []
        for word in words:
            if group and not _goes_on(group, word, middles, pause, longest):
                found.append(_utterance(group, speaker))
                group = []
            group.append(word)
        found.append(_utterance(group, speaker))
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.speaker)))


def _goes_on(group: Sequence[Word], word: Word, middles: Sequence[float], pause: float, longest: float) -> bool:
    last = group[-1]
    between = bisect_right(middles, last.end)
    interrupted = between < len(middles) and middles[between] < word.start
    return not interrupted and word.start - last.end <= pause and word.end - group[0].start <= longest


def _utterance(words: Sequence[Word], speaker: str) -> Utterance:
    unaligned = tuple(AlignedWord(word.start, word.end, word.word, word.confidence, word.flags) for word in words)
    return Utterance(words[0].start, max(word.end for word in words), speaker, unaligned)
