"""Which speaker said which word, and which words make an utterance. No word is ever lost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from imigue_build.records import AlignedWord, Turn, Utterance, Word


def attribute(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """The speaker of each word: whose exclusive turns cover most of it, else whose turn is nearest.

    Args:
        words: In any order.
        turns: Exclusive turns in time order, at least one.

    Returns:
        One speaker a word, in the order of the words.
    """
    starts = [turn.start for turn in turns]
    return [_speaker(word, turns, starts) for word in words]


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


def utterances(words: Sequence[Word], speakers: Sequence[str], pause: float, longest: float) -> tuple[Utterance, ...]:
    """Groups attributed words into utterances of one speaker each.

    An utterance ends where the speaker changes, before a pause longer than `pause` seconds, and
    before it would exceed `longest` seconds.
    """
    order = sorted(range(len(words)), key=lambda index: (words[index].start, words[index].end, index))
    groups: list[list[int]] = []
    for index in order:
        word = words[index]
        if groups:
            group = groups[-1]
            same = speakers[group[-1]] == speakers[index]
            near = word.start - words[group[-1]].end <= pause
            if same and near and word.end - words[group[0]].start <= longest:
                group.append(index)
                continue
        groups.append([index])
    return tuple(_utterance([words[index] for index in group], speakers[group[0]]) for group in groups)


def _utterance(words: Sequence[Word], speaker: str) -> Utterance:
    unaligned = tuple(AlignedWord(word.start, word.end, word.word, word.confidence, word.flags) for word in words)
    return Utterance(words[0].start, max(word.end for word in words), speaker, unaligned)
