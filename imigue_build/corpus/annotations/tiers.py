"""What a TextGrid says: its text, of which each word counts once, and its turns."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.intervals import Timed, covering, intersect, merge, total
from imigue_build.core.records import Turn
from imigue_build.corpus.annotations.marks import spelled
from imigue_build.corpus.annotations.sources import LabelledSpan, Warn
from imigue_build.corpus.annotations.tier_kinds import BESIDE_WORDS, Kind, Sorted, by_name

_SAME_TIME: Final = 0.5
"""Share of a tier's time within another's from which it can be another form of the same text."""
_OTHER_WORDS: Final = 0.1
"""Share of a text's words that the same text in another tier may lack."""
_OTHER_WORDS_BESIDE: Final = 0.5
"""The same for a text under another name than the words at its time: the two differ in spelling."""
_MORE_WORDS: Final = 2
"""How many times more words the other tiers may hold at the time of a text that is theirs."""
_MAX_TIERS: Final = 60
"""Tiers of text of one recording."""
_MOST_AT_ONCE: Final = 20
"""Texts of different speakers at one time."""
_WORD_PAUSE: Final = 0.5
"""Seconds between two words of one turn."""


def text_tiers(tiers: Sequence[Sorted], name: str, warn: Warn) -> list[Sorted]:
    """The tiers of words and of texts that together hold everything that is said, once.

    A text at the time of words of the same speaker or of nobody, or of the same text, is another form of it and is
    left out; a warning names what is only there. Words without a speaker get the one of the text that is left out.

    Args:
        name: Of the file, for warnings.

    Raises:
        AnnotationError: If there are more tiers of text than one recording has.
    """
    words, texts = _of(tiers, Kind.WORDS), _of(tiers, Kind.TEXT)
    if len(words) + len(texts) > _MAX_TIERS:
        raise AnnotationError(f"{name} has more than {_MAX_TIERS} tiers of text", "give the file of one recording")
    chosen, others = list(words), list[Sorted]()
    for item in sorted(texts, key=lambda item: item.speaker is None):
        (others if _is_repeated(item, chosen, words) else chosen).append(item)
    held = _tokens(span for item in chosen for span in item.tier.intervals)
    for item in others:
        if missing := list((_tokens(item.tier.intervals) - held).elements()):
            listed = abridged(" ".join(missing))
            warn(f"{name}: of the tier {_described(item)}, words that other tiers do not hold are left out: {listed}")
    _warn_of_left_out(tiers, name, warn)
    speakers = sorted(
        (
            Turn(span.start, span.end, item.speaker)
            for item in others
            for span in item.tier.intervals
            if item.speaker is not None
        ),
        key=lambda turn: turn.start,
    )
    return [_with_speakers(item, speakers) for item in tiers if any(item is other for other in chosen)]


def _warn_of_left_out(tiers: Sequence[Sorted], name: str, warn: Warn) -> None:
    for item in tiers:
        by_content = item.kind is Kind.PHONES and by_name(item.tier.name)[0] is not Kind.PHONES
        if (item.tier.intervals or item.silent) and (by_content or item.kind in (Kind.NOTES, Kind.SOUND)):
            warn(f"{name}: the tier {_described(item)} is left out: it holds {item.kind.value}")
    for item in _of(tiers, Kind.TEXT):
        if item.silent:
            silent = " and ".join(sorted(item.silent))
            warn(f"{name}: in the tier {_described(item)}, labels {silent} are taken for silence")


def turns(tiers: Sequence[Sorted], name: str, warn: Warn) -> list[LabelledSpan]:
    """The turns in tiers: those of a tier of speakers if there is one, else where the tiers of each speaker have text.

    Of a speaker who has words alone, words less than half a second apart are one turn.

    Args:
        name: Of the file, for warnings.
    """
    for item in _of(tiers, Kind.SPEAKERS):
        return [interval._replace(speaker=interval.text) for interval in item.tier.intervals]
    texts = [*_of(tiers, Kind.TEXT), *_of(tiers, Kind.SOUND)]
    named = [item for item in texts if item.speaker is not None]
    found = [
        interval._replace(speaker=item.speaker or item.tier.name)
        for item in named or texts
        for interval in item.tier.intervals
    ]
    with_text = {item.speaker for item in named}
    for item in _of(tiers, Kind.WORDS):
        if item.speaker is not None and item.speaker not in with_text:
            spoken = merge(item.tier.intervals, _WORD_PAUSE)
            found += [LabelledSpan(span.start, span.end, "", item.speaker) for span in spoken]
    used = {Kind.WORDS, *BESIDE_WORDS}
    if left_out := [item for item in tiers if item.kind not in used and item not in (named or texts)]:
        listed = ", ".join(_described(item) for item in left_out)
        warn(f"{name}: tiers that are no speaker's are left out: {abridged(listed)}")
    return found


def _is_repeated(item: Sorted, chosen: Sequence[Sorted], words: Sequence[Sorted]) -> bool:
    """Whether a tier of text is another form of what the chosen tiers hold at its time.

    Who says "yes" while somebody else speaks repeats nothing: there, the others say much more.
    """
    speakers = {other.speaker for other in words}
    if item.speaker is not None and item.speaker in speakers:
        return True
    at_words = _shares_time(item, [span for other in words for span in other.tier.intervals])
    if at_words and (None in speakers or item.speaker is None):
        return True
    spans = [span for other in chosen for span in other.tier.intervals]
    own, others = _tokens(item.tier.intervals), _tokens(_at_times_of(item, spans))
    missing = (own - others).total() / max(1, own.total())
    few = missing <= (_OTHER_WORDS_BESIDE if at_words else _OTHER_WORDS)
    return few and others.total() <= _MORE_WORDS * own.total() and _shares_time(item, spans)


def _at_times_of(item: Sorted, spans: Sequence[LabelledSpan]) -> Iterator[LabelledSpan]:
    """The spans that share time with a tier."""
    regions = merge(item.tier.intervals)
    ends = [region.end for region in regions]
    for span in spans:
        index = bisect_right(ends, span.start)
        if index < len(regions) and regions[index].start < span.end:
            yield span


def _shares_time(item: Sorted, others: Sequence[Timed]) -> bool:
    return total(intersect(item.tier.intervals, others)) > _SAME_TIME * total(item.tier.intervals)


def _tokens(spans: Iterable[LabelledSpan]) -> Counter[str]:
    """The words of spans, by their letters and digits."""
    return Counter(word for span in spans for word in re.findall(r"[^\W_]+", span.text.casefold()))


def _with_speakers(item: Sorted, turns: Sequence[Turn]) -> Sorted:
    """A tier with its text as it is written elsewhere; one without a speaker, with those of the turns."""
    intervals: list[LabelledSpan] = []
    first = 0
    for interval in sorted(item.tier.intervals, key=lambda interval: interval.start + interval.end):
        speaker = item.speaker
        if speaker is None:
            middle = (interval.start + interval.end) / 2
            while first < len(turns) and turns[first].end <= middle:
                first += 1
            at_once = {turn.speaker for turn in covering(turns[first : first + _MOST_AT_ONCE], middle)}
            speaker = at_once.pop() if len(at_once) == 1 else None
        intervals.append(interval._replace(speaker=speaker, text=spelled(interval.text)))
    return item._replace(tier=item.tier._replace(intervals=tuple(intervals)))


def _of(tiers: Sequence[Sorted], kind: Kind) -> list[Sorted]:
    return [item for item in tiers if item.kind is kind]


def _described(item: Sorted) -> str:
    count = len(item.tier.intervals)
    return f"{abridged(item.tier.name, 60)!r} ({count} label{'s' * (count != 1)})"
