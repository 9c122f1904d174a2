"""Gives each word a speaker, and groups words into utterances. No word is lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from math import inf
from typing import Final

from imigue_build.core.intervals import intersect, total
from imigue_build.core.records import AlignedWord, Diarization, Transcript, Turn, Utterance, Word
from imigue_build.text.sentences import ends_sentence

STRAY_WORDS: Final = 2
"""The longest run of words, within a sentence of another speaker, that may be an error of times."""
MIN_OWN_TURN: Final = 0.25
"""Seconds from which a turn within a sentence counts as an interjection."""
TIME_TOLERANCE: Final = 0.3
"""Seconds by which the times of words and of turns may disagree at a change of speaker."""


def attribute(transcript: Transcript, diarization: Diarization) -> list[tuple[Word, str]]:
    """Every word with its speaker, in the order of the transcript.

    Where a segment names its speaker, its words get the diarized speaker whose turns overlap most
    with all words of the named one. Every other word gets the speaker whose exclusive turns cover
    most of it, else the speaker of the nearest turn; then the sentences are smoothed (`smoothed`).

    Args:
        diarization: With at least one exclusive turn.
    """
    turns = diarization.exclusive
    starts = [turn.start for turn in turns]
    named = _named(transcript, diarization)
    found: list[tuple[Word, str]] = []
    for segment in transcript.segments:
        known = named.get(segment.speaker)
        own = [known or _speaker(word, turns, starts) for word in segment.words]
        found += zip(segment.words, own if known else smoothed(segment.words, own, turns), strict=True)
    return found


def smoothed(words: Sequence[Word], speakers: Sequence[str], turns: Sequence[Turn]) -> list[str]:
    """The speakers, with short runs of words given to the speaker of the sentence around them.

    Sentences end at punctuation. If a sentence is one speaker's except for one run of at most
    `STRAY_WORDS` words, the run goes to that speaker, unless the turns support it: the other speaker has a turn of
    at least `MIN_OWN_TURN` seconds that begins and ends within the sentence, as a "yeah" does, or the run is at the
    edge of the sentence and all turns of the sentence's speaker are further than `TIME_TOLERANCE` seconds away. Text
    without punctuation stays as it is.
    """
    found = list(speakers)
    for first, last in _sentences(words):
        parts = [(name, list(run)) for name, run in groupby(range(first, last), key=lambda index: speakers[index])]
        for name, run in parts:
            others = {other for other, _ in parts if other != name}
            if len(others) != 1 or len(parts) > 3 or len(run) > STRAY_WORDS or 2 * len(run) >= last - first:
                continue
            other = others.pop()
            runs = sum(speaker == name for speaker, _ in parts)
            if runs == 1 and not _supported(words, run, (first, last), name, other, turns):
                for index in run:
                    found[index] = other
    return found


def _supported(
    words: Sequence[Word], run: Sequence[int], sentence: tuple[int, int], name: str, other: str, turns: Sequence[Turn]
) -> bool:
    """Whether the turns support that a run in a sentence of `other` is spoken by `name`."""
    start, end = words[run[0]].start, words[run[-1]].end
    begin, finish = words[sentence[0]].start, words[sentence[1] - 1].end
    own = (turn for turn in turns if turn.speaker == name and turn.start < end and turn.end > start)
    if any(turn.duration >= MIN_OWN_TURN and begin < turn.start and turn.end < finish for turn in own):
        return True
    distances = (max(turn.start - end, start - turn.end, 0.0) for turn in turns if turn.speaker == other)
    inner = run[0] > sentence[0] and run[-1] < sentence[1] - 1
    return not inner and min(distances, default=inf) > TIME_TOLERANCE


def _sentences(words: Sequence[Word]) -> list[tuple[int, int]]:
    """The sentences as ranges of words, [first, last); none where there is no punctuation."""
    ends = [index + 1 for index, word in enumerate(words) if ends_sentence(word.word)]
    if not ends:
        return []
    edges = [0, *ends, *([len(words)] if ends[-1] < len(words) else [])]
    return list(pairwise(edges))


def _named(transcript: Transcript, diarization: Diarization) -> dict[str | None, str]:
    """For each speaker named in the transcript the diarized speaker; left out where they share no time."""
    words_of: dict[str, list[Word]] = {}
    for segment in transcript.segments:
        if segment.speaker is not None:
            words_of.setdefault(segment.speaker, []).extend(segment.words)
    turns_of: dict[str, list[Turn]] = {}
    for turn in diarization.turns:
        turns_of.setdefault(turn.speaker, []).append(turn)
    found: dict[str | None, str] = {}
    for name, words in words_of.items():
        common = {speaker: total(intersect(words, turns)) for speaker, turns in turns_of.items()}
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
    """The words in utterances of one speaker each, in time order.

    An utterance ends before a word of another speaker, before a pause longer than `pause` seconds,
    and before it would exceed `longest` seconds.
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
            if group and not _continues(group, word, middles, pause, longest):
                found.append(_utterance(group, speaker))
                group = []
            group.append(word)
        found.append(_utterance(group, speaker))
    return tuple(sorted(found, key=lambda utterance: (utterance.start, utterance.end, utterance.speaker)))


def _continues(group: Sequence[Word], word: Word, middles: Sequence[float], pause: float, longest: float) -> bool:
    last = group[-1]
    between = bisect_right(middles, last.end)
    interrupted = between < len(middles) and middles[between] < word.start
    return not interrupted and word.start - last.end <= pause and word.end - group[0].start <= longest


def _utterance(words: Sequence[Word], speaker: str) -> Utterance:
    unaligned = tuple(AlignedWord(word.start, word.end, word.word, word.confidence, word.flags) for word in words)
    return Utterance(words[0].start, max(word.end for word in words), speaker, unaligned)
