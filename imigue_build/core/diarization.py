"""A diarization from turns: exclusive turns, overlap, speech and statistics are derived here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from types import MappingProxyType

from imigue_build.core.intervals import Interval, Timed, concurrent, merge
from imigue_build.core.records import Diarization, Overlap, Span, Speaker, Turn
from imigue_build.core.times import milliseconds


def from_turns(
    turns: Iterable[Turn],
    exclusive: Iterable[Turn] | None = None,
    speech: Iterable[Timed] | None = None,
    embeddings: Mapping[str, tuple[float, ...] | None] = MappingProxyType({}),
    names: Mapping[str, str] = MappingProxyType({}),
    duration: float = inf,
    detects_overlap: bool = True,
) -> Diarization:
    """The diarization of turns in any order, with speakers under any labels.

    Times are cut to the recording and rounded to the millisecond; turns of one speaker that touch or
    overlap become one. Speakers are numbered by first appearance. Overlap is where several speakers
    have a turn.

    Args:
        turns: May overlap.
        exclusive: Turns of which one speaker at a time has one, where the diarizer knows them. By default, and
            where they overlap, a turn within a longer one has the time; else who begins first keeps it until his or
            her turn ends.
        speech: Where anybody talks, where the diarizer knows it; by default the union of the turns.
        embeddings: Unit vectors by label.
        names: By label what a file calls the speaker; none where the labels are a diarizer's own.
        duration: Of the recording, in seconds.
        detects_overlap: Whether the diarizer can; without, `turns` never overlap.

    >>> found = from_turns([Turn(0.0, 3.0, "B"), Turn(2.0, 4.0, "A")])
    >>> [(turn.start, turn.end, turn.speaker) for turn in found.exclusive]
    [(0.0, 3.0, 'SPEAKER_00'), (3.0, 4.0, 'SPEAKER_01')]
    """
    labelled = _joined(_rounded(turns, duration))
    labels = list(dict.fromkeys(turn.speaker for turn in labelled))
    ids = {label: f"SPEAKER_{number:02d}" for number, label in enumerate(labels)}
    alone = labelled if exclusive is None else _rounded(exclusive, duration)
    return Diarization(
        turns=_renamed(labelled, ids),
        exclusive=_renamed(_joined(_one_at_a_time([turn for turn in alone if turn.speaker in ids])), ids),
        overlap=overlap(_renamed(labelled, ids)),
        speech=tuple(Span(region.start, region.end) for region in (merge(labelled) if speech is None else speech)),
        speakers=tuple(
            Speaker(ids[label], *_statistics(label, labelled), embeddings.get(label), names.get(label))
            for label in labels
        ),
        detects_overlap=detects_overlap,
    )


def overlap(turns: Iterable[Turn]) -> tuple[Overlap, ...]:
    """The regions in which several speakers talk, cut where one of them begins or ends.

    >>> overlap([Turn(0.0, 8.0, "SPEAKER_00"), Turn(3.0, 5.0, "SPEAKER_01"), Turn(5.0, 9.0, "SPEAKER_01")])
    (Overlap(start=3.0, end=8.0, speakers=('SPEAKER_00', 'SPEAKER_01')),)
    """
    return tuple(
        Overlap(span.start, span.end, tuple(sorted(turn.speaker for turn in talking)))
        for span, talking in concurrent(_joined(turns))
        if len(talking) > 1
    )


def _rounded(turns: Iterable[Turn], duration: float) -> list[Turn]:
    """Turns to the millisecond and within [0, duration], in time order; what is shorter than one is left out."""
    found = [
        Turn(_to_millisecond(max(turn.start, 0.0)), _to_millisecond(min(turn.end, duration)), turn.speaker)
        for turn in turns
    ]
    return sorted((turn for turn in found if turn.start < turn.end), key=_order)


def _to_millisecond(seconds: float) -> float:
    return milliseconds(seconds) / 1000


def _order(turn: Turn) -> tuple[float, float, str]:
    return turn.start, turn.end, turn.speaker


def _joined(turns: Iterable[Turn]) -> list[Turn]:
    """Turns of one speaker that touch or overlap as one, in time order."""
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        spoken.setdefault(turn.speaker, []).append(turn)
    found = [Turn(span.start, span.end, label) for label, own in spoken.items() for span in merge(own)]
    return sorted(found, key=_order)


def _one_at_a_time(turns: Sequence[Turn]) -> list[Turn]:
    """The one turn that has each time: of those that hold no other one, the first that began."""
    found: list[Turn] = []
    for span, talking in concurrent(turns):
        speaker = _innermost_first(talking).speaker
        if found and found[-1].speaker == speaker and found[-1].end == span.start:
            span = Interval(found.pop().start, span.end)
        found.append(Turn(span.start, span.end, speaker))
    return found


def _innermost_first(turns: Sequence[Turn]) -> Turn:
    """The first of turns at one time that holds none of the others."""
    first, end = turns[0], inf
    for turn in sorted(turns, key=lambda turn: (-turn.start, turn.end, turn.speaker)):
        if turn.end < end:
            first, end = turn, turn.end
    return first


def _renamed(turns: Sequence[Turn], ids: Mapping[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.start, turn.end, ids[turn.speaker]) for turn in turns)


def _statistics(label: str, turns: Sequence[Turn]) -> tuple[float, int]:
    """Seconds and number of a label's turns."""
    own = [turn.duration for turn in turns if turn.speaker == label]
    return round(sum(own), 3), len(own)
