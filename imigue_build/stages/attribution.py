"""Gives each word a speaker, and groups words into utterances. No word is lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from math import inf
from typing import Final

from imigue_build.core.intervals import Interval, concurrent, distance, shared
from imigue_build.core.records import AlignedWord, Diarization, Transcript, Turn, Utterance, Word
from imigue_build.stages.naming import speakers_by_name
from imigue_build.text.sentences import ends_clause, ends_sentence

CHANGE: Final = 0.6
"""Cost of a change of speaker within a sentence, in seconds of speech outside the speaker's turns."""
CHANGE_AT_CLAUSE: Final = 0.3
"""The same after a comma, colon, semicolon or dash."""
CHANGE_AT_END: Final = 0.05
"""The same at the end of a sentence or segment, and anywhere in text without punctuation."""
EXCLUSIVE_WEIGHT: Final = 0.5
"""Weight of a second outside the speaker's exclusive turns, beside one outside the turns."""
DISTANCE_WEIGHT: Final = 0.1
"""Cost of a second between a word and the speaker's nearest turn."""
SHORTEST: Final = 0.1
"""Seconds for which a word counts at least."""
LONGEST: Final = 0.4
"""Seconds at the end of a word that count at most, as ASR often takes the pause before a word as its beginning."""
MIN_INTERJECTION: Final = 0.25
"""Seconds from which a turn within a sentence counts as an interjection."""


def attribute(
    transcript: Transcript, diarization: Diarization, corrected: Sequence[Turn] = ()
) -> list[tuple[Word, str]]:
    """Every word with its speaker, in the order of the transcript.

    Where a segment names its speaker, its words get one of the diarized speakers whom the name may mean
    (`naming.speakers_by_name`); the other words may get any. Of these sequences of speakers the one with the least cost
    is taken (Viterbi). A word costs the time that it is outside the turns of its speaker, and less where only another
    one has the exclusive turn. A change of speaker costs more within a sentence than at its end. So the turns decide
    where one speaks alone; in overlap, and where the times of words and turns disagree by a little, sentences stay
    whole. The words of an interjection, a turn within a sentence while nobody else speaks, stay with its speaker.

    Args:
        diarization: With at least one exclusive turn.
        corrected: Turns of a person's corrections: what is said in them is of their speaker, whatever else is known.
    """
    words, ends = transcript.words, _sentence_ends(transcript)
    costs = _costs(words, diarization)
    for index, speaker in _interjections(words, ends, diarization.turns).items():
        costs[index] = {name: cost + 2 * CHANGE * (name != speaker) for name, cost in costs[index].items()}
    named = speakers_by_name(transcript, diarization)
    meant = (named.get(segment.speaker) for segment in transcript.segments for _ in segment.words)
    for index, speakers in enumerate(meant):
        if speakers is not None:
            costs[index] = {name: cost if name in speakers else inf for name, cost in costs[index].items()}
    changes = _changes(words, ends)
    for turn in corrected:
        for index in (at for at, word in enumerate(words) if turn.start <= word.middle < turn.end):
            costs[index] = {name: 0.0 if name == turn.speaker else inf for name in costs[index]}
            changes[index] = changes[max(index - 1, 0)] = 0.0  # the words beside it are not of its speaker for that
    return list(zip(words, _best_path(costs, changes), strict=True))


def _sentence_ends(transcript: Transcript) -> list[int]:
    """The indices past the last words of sentences and segments; of all words where there is no punctuation."""
    words = transcript.words
    segments = set(accumulate(len(segment.words) for segment in transcript.segments))
    punctuated = any(ends_sentence(word.word) for word in words)
    return [
        index for index, word in enumerate(words, 1) if index in segments or not punctuated or ends_sentence(word.word)
    ]


def _changes(words: Sequence[Word], ends: Sequence[int]) -> list[float]:
    """The cost of a change of speaker after each word."""
    changes = [CHANGE_AT_CLAUSE if ends_clause(word.word) else CHANGE for word in words]
    for index in ends:
        changes[index - 1] = CHANGE_AT_END
    return changes


class _Turns:
    """Turns that do not overlap, for questions about times."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._turns = sorted(turns, key=lambda turn: turn.start)
        self._starts = [turn.start for turn in self._turns]

    def near(self, time: float) -> list[Turn]:
        """The last turn that begins before a time, and the one after it."""
        first = max(bisect_right(self._starts, time) - 1, 0)
        return self._turns[first : first + 2]

    def outside(self, interval: Interval) -> float:
        """Seconds of an interval that are in no turn."""
        first = max(bisect_right(self._starts, interval.start) - 1, 0)
        last = bisect_right(self._starts, interval.end)
        return interval.duration - sum(shared(interval, turn) for turn in self._turns[first:last])


def _costs(words: Sequence[Word], diarization: Diarization) -> list[dict[str, float]]:
    """For each word the cost of each speaker."""
    voices = {
        name: tuple(
            _Turns(turn for turn in turns if turn.speaker == name)
            for turns in (diarization.turns, diarization.exclusive)
        )
        for name in sorted({turn.speaker for turn in diarization.turns})
    }
    return [{name: _cost(word, turns, exclusive) for name, (turns, exclusive) in voices.items()} for word in words]


def _cost(word: Word, turns: _Turns, exclusive: _Turns) -> float:
    """What it costs that a word is of the speaker who has these turns."""
    heard = Interval(word.end - min(max(word.duration, SHORTEST), LONGEST), word.end)
    away = min(distance(turn, word.middle) for turn in turns.near(word.middle))
    return turns.outside(heard) + EXCLUSIVE_WEIGHT * exclusive.outside(heard) + DISTANCE_WEIGHT * away


def _interjections(words: Sequence[Word], ends: Sequence[int], turns: Sequence[Turn]) -> dict[int, str]:
    """The speakers of words in a turn that begins and ends within a sentence, while nobody else speaks."""
    alone = [
        turn
        for span, (turn, *others) in concurrent(turns)
        if not others and span.duration == turn.duration >= MIN_INTERJECTION
    ]
    found: dict[int, str] = {}
    if not alone:
        return found
    isolated = _Turns(alone)
    for first, last in pairwise([0, *ends]):
        start, end = words[first].start, words[last - 1].end
        for index in range(first, last):
            middle = words[index].middle
            for turn in isolated.near(middle):
                if start < turn.start <= middle < turn.end < end:
                    found[index] = turn.speaker
    return found


def _best_path(costs: Sequence[Mapping[str, float]], changes: Sequence[float]) -> list[str]:
    """The speakers of least total cost, given the cost of a change after each word."""
    if not costs:
        return []
    sums = dict(costs[0])
    before: list[dict[str, str]] = []
    for own, change in zip(costs[1:], changes, strict=False):
        best = min(sums, key=lambda name: sums[name])
        limit = sums[best] + change
        before.append({name: name if sums[name] <= limit else best for name in sums})
        sums = {name: min(sums[name], limit) + own[name] for name in sums}
    path = [min(sums, key=lambda name: sums[name])]
    for previous in reversed(before):
        path.append(previous[path[-1]])
    return path[::-1]


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
