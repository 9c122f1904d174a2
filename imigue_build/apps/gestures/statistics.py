"""Gesture statistics: while the interviewee speaks, listens, or nobody speaks; by class and outcome."""

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
PERIODS: Final = (*STATES, "total")
ALL_CLASSES: Final = "all"
BOOTSTRAP_SAMPLES: Final = 2000
MIN_ATHLETES: Final = 5
"""Athletes per outcome that an interval needs: with fewer, bootstrap intervals are far too narrow."""

DEFINITIONS: Final = {
    "speaking": "the interviewee speaks (has a diarized turn), whoever else does",
    "listening": "the interviewee does not speak and somebody else does",
    "silent": "nobody speaks",
    "exposure_s": "seconds of the labelled interviews in that state",
    "per_minute": "gestures that begin in the state, per minute of it",
    "share_of_time": "seconds of gestures in the state over seconds of the state; simultaneous gestures all count",
    "positions": "during: the interviewee speaks within the gesture; else before or after the nearer turn",
    "roles": "the role whose turn shares most time with the gesture",
    "lag_s": "the gesture's start minus that of the interviewee's nearest word; negative if the gesture is first",
    "ratio": "winners' gestures per minute over those of losers, over all interviews of the outcome together",
    "ci95": "95 % bootstrap percentile interval of the ratio, athletes resampled with replacement; "
    f"null below {MIN_ATHLETES} of an outcome",
}


class Video(NamedTuple):
    """The counts of an interview's gestures.

    Attributes:
        subject: The interviewee; the video's id if unknown.
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


def count_gestures(speech: Speech, paired: Sequence[Paired], outcome: str, subject: str) -> Video:
    """The counts of one interview."""
    exposure = dict.fromkeys(STATES, 0.0)
    for span, state in speech.states:
        exposure[state] += span.duration
    begun: dict[int, list[int]] = {}
    lasted: dict[int, list[float]] = {}
    for pair in paired:
        number = pair.gesture.number
        begun.setdefault(number, [0] * len(STATES))[STATES.index(pair.state)] += 1
        own = lasted.setdefault(number, [0.0] * len(STATES))
        for index, state in enumerate(STATES):
            own[index] += pair.states[state]
    marks = tuple(
        (pair.gesture.number, pair.position, pair.turn.role if pair.turn else None, pair.lag, pair.gesture.duration)
        for pair in paired
    )
    seconds = tuple(round(exposure[state], 3) for state in STATES)
    return Video(speech.video_id, outcome, subject, speech.duration, seconds, begun, lasted, marks)


def statistics(videos: Sequence[Video], seed: int = 0) -> dict[str, Any]:
    """The statistics of all labelled interviews, by outcome, by interview, and of winners relative to losers."""
    labelled = [video for video in videos if video.total]
    return {
        **_group(labelled),
        "outcomes": {name: _group([video for video in labelled if video.outcome == name]) for name in OUTCOMES},
        "win_lose": win_lose(labelled, seed),
        "videos": {video.video_id: _video(video) for video in videos},
        "definitions": DEFINITIONS,
    }


def _video(video: Video) -> dict[str, Any]:
    return {
        "outcome": video.outcome or None,
        "subject": video.subject,
        "duration_s": video.duration,
        "exposure_s": dict(zip(STATES, video.exposure, strict=True)),
        "gestures": video.total or None,  # nobody labelled it
        "classes": {str(number): sum(video.begun[number]) for number in sorted(video.begun)},
    }


def _group(videos: Sequence[Video]) -> dict[str, Any]:
    exposure = [sum(video.exposure[index] for video in videos) for index in range(len(STATES))]
    exposure.append(sum(exposure))
    numbers = sorted({number for video in videos for number in video.begun})
    return {
        "interviews": len(videos),
        "exposure_s": {when: round(seconds, 3) for when, seconds in zip(PERIODS, exposure, strict=True)},
        ALL_CLASSES: _figures(videos, numbers, exposure),
        "classes": {
            str(number): {"name": CLASSES[number], **_figures(videos, [number], exposure)} for number in numbers
        },
    }


def _figures(videos: Sequence[Video], numbers: Sequence[int], exposure: Sequence[float]) -> dict[str, Any]:
    wanted = set(numbers)
    begun, lasted = [0.0] * len(STATES), [0.0] * len(STATES)
    for video in videos:
        for number in wanted & video.begun.keys():
            for index in range(len(STATES)):
                begun[index] += video.begun[number][index]
                lasted[index] += video.lasted[number][index]
    counts, seconds = [*begun, sum(begun)], [*lasted, sum(lasted)]
    marks = [mark for video in videos for mark in video.marks if mark[0] in wanted]
    lags = [lag for _, _, _, lag, _ in marks if lag is not None]
    return {
        "gestures": {when: int(count) for when, count in zip(PERIODS, counts, strict=True)},
        "seconds": {when: round(value, 3) for when, value in zip(PERIODS, seconds, strict=True)},
        "per_minute": {when: _ratio(60 * n, s) for when, n, s in zip(PERIODS, counts, exposure, strict=True)},
        "share_of_time": {when: _ratio(n, s) for when, n, s in zip(PERIODS, seconds, exposure, strict=True)},
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
        round(value, 3)
        for value in (quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3)
    ]


def win_lose(videos: Sequence[Video], seed: int = 0) -> dict[str, Any]:
    """Winners' gestures per minute relative to losers', for every class and state, with intervals over athletes."""
    import numpy as np

    subjects = sorted({video.subject for video in videos if video.outcome})
    numbers = sorted({number for video in videos for number in video.begun})
    names = [ALL_CLASSES, *map(str, numbers)]
    counts = np.zeros((2, len(subjects), len(names), len(PERIODS)))
    exposure = np.zeros((2, len(subjects), len(PERIODS)))
    for video in (video for video in videos if video.outcome):
        index = OUTCOMES.index(video.outcome), subjects.index(video.subject)
        exposure[index] += [*video.exposure, sum(video.exposure)]
        for number, begun in video.begun.items():
            row = [*begun, sum(begun)]
            counts[(*index, 0)] += row
            counts[(*index, 1 + numbers.index(number))] += row
    athletes = [int((exposure[side, :, -1] > 0).sum()) for side in range(2)]
    ratios = _resampled(counts, exposure, seed) if min(athletes) >= MIN_ATHLETES else None
    rates = _rates(counts.sum(axis=1), exposure.sum(axis=1)[:, None, :])
    rows: dict[str, dict[str, Any]] = {}
    for column, name in enumerate(names):
        rows[name] = {}
        for when, state in enumerate(PERIODS):
            win, lose = (float(rates[side, column, when]) for side in range(2))
            ratio = win / lose if lose > 0 and win == win else None
            interval = None if ratios is None or ratio is None else _percentiles(ratios[:, column, when])
            rows[name][state] = {
                "win": _rounded(win),
                "lose": _rounded(lose),
                "ratio": _rounded(ratio),
                "ci95": interval,
            }
    return {"subjects": dict(zip(OUTCOMES, athletes, strict=True)), "rows": rows}


def _rates(counts: Floats, exposure: Floats) -> Floats:
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(exposure > 0, 60 * counts / exposure, np.nan), float)


def _resampled(counts: Floats, exposure: Floats, seed: int) -> Floats:
    """The ratios of bootstrap samples of athletes, shape (samples, classes, states)."""
    import numpy as np

    athletes = counts.shape[1]
    weights = (
        np.random.default_rng(seed)
        .multinomial(athletes, np.full(athletes, 1 / athletes), BOOTSTRAP_SAMPLES)
        .astype(float)
    )
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
    for outcome, group in ((ALL_CLASSES, found), *found["outcomes"].items()):
        for number, row in ((ALL_CLASSES, group[ALL_CLASSES]), *group["classes"].items()):
            for when in PERIODS:
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
