"""How often which gestures are made: while the interviewee speaks, listens, or nobody speaks; by class and outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.apps.gestures.classes import CLASSES
from imigue_build.apps.gestures.pairing import POSITIONS, Paired
from imigue_build.apps.gestures.speech import STATES, Speech
from imigue_build.core.records import ROLES, Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OUTCOMES: Final = ("Win", "Lose")
WHEN: Final = (*STATES, "total")
EVERY: Final = "all"
RESAMPLED: Final = 2000
FEWEST: Final = 5
"""Athletes of each outcome that an interval needs: of fewer, resampling makes it far too narrow."""

DEFINITIONS: Final = {
    "speaking": "the interviewee speaks (a diarized turn of his or hers), whoever else does",
    "listening": "the interviewee does not speak and somebody else does",
    "silent": "nobody speaks",
    "exposure_s": "seconds of the labelled interviews in that state",
    "per_minute": "gestures that begin in the state, for every minute of it",
    "share_of_time": "seconds of gestures within the state by its seconds; gestures at the same time all count",
    "positions": "during: the interviewee speaks within the gesture; else before or after his or her nearer turn",
    "roles": "whose turn shares most time with the gesture",
    "lag_s": "the gesture's start minus that of the interviewee's nearest word; below 0 the gesture is first",
    "ratio": "winners' gestures a minute by those of losers, over all interviews of the outcome together",
    "ci95": "95 % percentile interval of the ratio, athletes resampled with replacement; "
    f"null below {FEWEST} of an outcome",
}


class Video(NamedTuple):
    """An interview's gestures in numbers.

    Attributes:
        subject: Who is interviewed; the video itself where nobody says who.
        exposure: Seconds in each of `STATES`.
        begun: Class -> gestures that begin in each of `STATES`.
        lasted: Class -> seconds of gestures in each of `STATES`.
        marks: (class, position, role of its turn, lag, duration) of each gesture.
    """

    video_id: str
    outcome: str
    subject: str
    duration: float
    exposure: tuple[float, ...]
    begun: dict[int, list[int]]
    lasted: dict[int, list[float]]
    marks: tuple[tuple[int, str | None, Role | None, float | None, float], ...]

    @property
    def total(self) -> int:
        return len(self.marks)


def video(speech: Speech, paired: Sequence[Paired], outcome: str, subject: str) -> Video:
    """One interview's numbers."""
    exposure = dict.fromkeys(STATES, 0.0)
    for span, state in speech.states:
        exposure[state] += span.duration
    begun: dict[int, list[int]] = {}
    lasted: dict[int, list[float]] = {}
    for one in paired:
        number = one.gesture.number
        begun.setdefault(number, [0] * len(STATES))[STATES.index(one.state)] += 1
        own = lasted.setdefault(number, [0.0] * len(STATES))
        for place, state in enumerate(STATES):
            own[place] += one.states[state]
    marks = tuple(
        (one.gesture.number, one.position, one.turn.role if one.turn else None, one.lag, one.gesture.duration)
        for one in paired
    )
    seconds = tuple(round(exposure[state], 3) for state in STATES)
    return Video(speech.video_id, outcome, subject, speech.duration, seconds, begun, lasted, marks)


def statistics(videos: Sequence[Video], seed: int = 0) -> dict[str, Any]:
    """The figures over all labelled interviews, by outcome, by interview, and winners against losers."""
    labelled = [one for one in videos if one.total]
    return {
        **_group(labelled),
        "outcomes": {name: _group([one for one in labelled if one.outcome == name]) for name in OUTCOMES},
        "win_lose": win_lose(labelled, seed),
        "videos": {one.video_id: _video(one) for one in videos},
        "definitions": DEFINITIONS,
    }


def _video(one: Video) -> dict[str, Any]:
    return {
        "outcome": one.outcome or None,
        "subject": one.subject,
        "duration_s": one.duration,
        "exposure_s": dict(zip(STATES, one.exposure, strict=True)),
        "gestures": one.total,
        "classes": {str(number): sum(one.begun[number]) for number in sorted(one.begun)},
    }


def _group(videos: Sequence[Video]) -> dict[str, Any]:
    exposure = [sum(one.exposure[place] for one in videos) for place in range(len(STATES))]
    exposure.append(sum(exposure))
    there = sorted({number for one in videos for number in one.begun})
    return {
        "interviews": len(videos),
        "exposure_s": {when: round(seconds, 3) for when, seconds in zip(WHEN, exposure, strict=True)},
        EVERY: _figures(videos, there, exposure),
        "classes": {str(number): {"name": CLASSES[number], **_figures(videos, [number], exposure)} for number in there},
    }


def _figures(videos: Sequence[Video], numbers: Sequence[int], exposure: Sequence[float]) -> dict[str, Any]:
    wanted = set(numbers)
    begun, lasted = [0.0] * len(STATES), [0.0] * len(STATES)
    for one in videos:
        for number in wanted & one.begun.keys():
            for place in range(len(STATES)):
                begun[place] += one.begun[number][place]
                lasted[place] += one.lasted[number][place]
    counts, seconds = [*begun, sum(begun)], [*lasted, sum(lasted)]
    marks = [mark for one in videos for mark in one.marks if mark[0] in wanted]
    lags = [lag for _, _, _, lag, _ in marks if lag is not None]
    return {
        "gestures": {when: int(count) for when, count in zip(WHEN, counts, strict=True)},
        "seconds": {when: round(value, 3) for when, value in zip(WHEN, seconds, strict=True)},
        "per_minute": {when: _ratio(60 * n, s) for when, n, s in zip(WHEN, counts, exposure, strict=True)},
        "share_of_time": {when: _ratio(n, s) for when, n, s in zip(WHEN, seconds, exposure, strict=True)},
        "mean_duration_s": round(fmean(mark[4] for mark in marks), 3) if marks else None,
        "positions": {position: sum(mark[1] == position for mark in marks) for position in POSITIONS},
        "roles": {role or "nobody": sum(mark[2] == role for mark in marks) for role in (*ROLES, None)},
        "lag_s": dict(zip(("p25", "median", "p75"), _quartiles(lags), strict=True)),
    }


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole > 0 else None


def _quartiles(values: Sequence[float]) -> list[float | None]:
    if not values:
        return [None] * 3
    return [
        round(one, 3) for one in (quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3)
    ]


def win_lose(videos: Sequence[Video], seed: int = 0) -> dict[str, Any]:
    """Winners' gestures a minute against those of losers, for every class and state, with intervals over athletes."""
    import numpy as np

    subjects = sorted({one.subject for one in videos if one.outcome})
    there = sorted({number for one in videos for number in one.begun})
    names = [EVERY, *map(str, there)]
    counts = np.zeros((2, len(subjects), len(names), len(WHEN)))
    exposure = np.zeros((2, len(subjects), len(WHEN)))
    for one in (one for one in videos if one.outcome):
        at = OUTCOMES.index(one.outcome), subjects.index(one.subject)
        exposure[at] += [*one.exposure, sum(one.exposure)]
        for number, begun in one.begun.items():
            row = [*begun, sum(begun)]
            counts[(*at, 0)] += row
            counts[(*at, 1 + there.index(number))] += row
    of_outcome = [int((exposure[side, :, -1] > 0).sum()) for side in range(2)]
    drawn = _resampled(counts, exposure, seed) if min(of_outcome) >= FEWEST else None
    rates = _rates(counts.sum(axis=1), exposure.sum(axis=1)[:, None, :])
    rows: dict[str, dict[str, Any]] = {}
    for place, name in enumerate(names):
        rows[name] = {}
        for when, state in enumerate(WHEN):
            win, lose = (float(rates[side, place, when]) for side in range(2))
            ratio = win / lose if lose > 0 and win == win else None
            low_high = None if drawn is None or ratio is None else _percentiles(drawn[:, place, when])
            rows[name][state] = {
                "win": _rounded(win),
                "lose": _rounded(lose),
                "ratio": _rounded(ratio),
                "ci95": low_high,
            }
    return {"subjects": dict(zip(OUTCOMES, of_outcome, strict=True)), "rows": rows}


def _rates(counts: Floats, exposure: Floats) -> Floats:
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(exposure > 0, 60 * counts / exposure, np.nan), float)


def _resampled(counts: Floats, exposure: Floats, seed: int) -> Floats:
    """The ratios of samples of athletes, shape (samples, classes, states)."""
    import numpy as np

    people = counts.shape[1]
    weights = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), RESAMPLED).astype(float)
    sides = [
        _rates(np.tensordot(weights, counts[side], 1), np.tensordot(weights, exposure[side], 1)[:, None, :])
        for side in range(2)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sides[0] / sides[1], float)


def _percentiles(ratios: Floats) -> list[float] | None:
    import numpy as np

    finite = ratios[np.isfinite(ratios)]
    if len(finite) < 0.9 * len(ratios):
        return None
    low, high = np.percentile(finite, [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


def _rounded(value: float | None) -> float | None:
    return None if value is None or value != value else round(value, 4)


def table(found: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """The rows of `statistics.csv`: one for each outcome (`all`, `Win`, `Lose`), class and state."""
    yield "outcome", "class", "name", "state", "gestures", "seconds", "exposure_s", "per_minute", "share_of_time"
    for outcome, group in ((EVERY, found), *found["outcomes"].items()):
        for number, row in ((EVERY, group[EVERY]), *group["classes"].items()):
            for when in WHEN:
                cells = (row["gestures"][when], row["seconds"][when], group["exposure_s"][when])
                yield (
                    outcome,
                    number,
                    row.get("name", ""),
                    when,
                    *cells,
                    row["per_minute"][when],
                    row["share_of_time"][when],
                )
