"""What a run says of its end, against runs simulated on a clock of their own."""

from __future__ import annotations

import heapq
import random
import statistics
from collections.abc import Callable
from typing import Final

import pytest

from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Length, Planned, Reused, Started
from imigue_build.engine.forecast import Forecast
from imigue_build.engine.stage import Done, Failed

EARLIER: Final = {
    "extract": (),
    "transcribe": ("extract",),
    "diarize": ("extract",),
    "speakers": ("diarize", "transcribe"),
    "align": ("extract", "transcribe", "speakers"),
    "export": ("speakers", "align"),
}
RECIPES: Final = {
    "embedded": {"extract": 0.02, "transcribe": 0.43, "diarize": 0.19, "speakers": 1e-5, "align": 0.8, "export": 0.006},
    "fast": {"extract": 0.05, "transcribe": 0.03, "diarize": 0.02, "speakers": 1e-5, "align": 0.1, "export": 0.01},
    "asr": {"extract": 0.01, "transcribe": 1.5, "diarize": 0.1, "speakers": 1e-5, "align": 0.05, "export": 0.006},
}
"""By recipe the seconds that each stage takes for a second of sound."""


class Run:
    """A simulated run: jobs of some stages on some cores, the most advanced stage and the longest interview first."""

    def __init__(self, seed: int, recipe: str, cores: int, count: int = 12) -> None:
        rng = random.Random(seed)
        self.cores = cores
        self.sounds = {f"{n:04d}": min(max(rng.lognormvariate(5.8, 0.8), 40.0), 3600.0) for n in range(count)}
        self.sizes = {name: int(sound * 60_000 * rng.uniform(0.7, 1.4)) for name, sound in self.sounds.items()}
        self.costs = {
            (name, stage): rng.uniform(0.2, 1.5) + sound * rate * rng.lognormvariate(0, 0.25)
            for name, sound in self.sounds.items()
            for stage, rate in RECIPES[recipe].items()
        }
        self.order = sorted(self.sizes, key=lambda name: -self.sizes[name])

    def play(self, emit: Callable[[Event, float], None]) -> float:
        """Emits every event at its time; when the last job ended."""
        now, busy = 0.0, list[tuple[float, str, str]]()
        done: set[tuple[str, str]] = set()
        waiting = [(name, stage) for stage in reversed(EARLIER) for name in self.order]
        lengths = {name: Length(None, self.sizes[name]) for name in self.order}
        emit(Planned(dict.fromkeys(EARLIER, len(self.order)), lengths, EARLIER), now)
        while waiting or busy:
            ready = [job for job in waiting if all((job[0], one) in done for one in EARLIER[job[1]])]
            for name, stage in ready[: self.cores - len(busy)]:
                waiting.remove((name, stage))
                heapq.heappush(busy, (now + self.costs[name, stage], name, stage))
                emit(Started(name, stage, ""), now)
            now, name, stage = heapq.heappop(busy)
            done.add((name, stage))
            sound = 0.0 if stage == "speakers" else self.sounds[name]
            emit(Finished(name, stage, Done(sound), self.costs[name, stage]), now)
        return now

    def error(self, share: float) -> float:
        """By how much what is said at a share of the time is wrong, as a share of what is left then."""
        end = self.play(lambda event, now: None)
        moment, forecast = end * share, Forecast()
        self.play(lambda event, now: forecast.note(event, now) if now <= moment else None)
        left = forecast.left(moment)
        assert left is not None
        return abs(left - (end - moment)) / (end - moment)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_at_half_time_the_end_of_twelve_interviews_is_known_within_a_quarter(recipe: str, cores: int) -> None:
    errors = [Run(seed, recipe, cores).error(0.5) for seed in range(25)]
    assert statistics.median(errors) < 0.25
    assert sorted(errors)[-4] < 0.5


def test_the_share_that_is_done_only_grows_and_ends_at_all() -> None:
    forecast, shares = Forecast(), list[float]()

    def look(event: Event, now: float) -> None:
        forecast.note(event, now)
        shares.append(forecast.share(now) or 0.0)

    end = Run(1, "embedded", 2).play(look)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert forecast.left(end) == 0.0 and forecast.interviews == (12, 12) and forecast.running == []


def test_a_long_job_that_is_under_way_counts_as_it_goes_on() -> None:
    forecast = Forecast()
    lengths = {"a": Length(100.0), "b": Length(1000.0)}
    forecast.note(Planned({"one": 2}, lengths, {"one": ()}), 0.0)
    assert forecast.left(0.0) is None and forecast.share(0.0) is None
    forecast.note(Started("a", "one", ""), 0.0)
    forecast.note(Finished("a", "one", Done(100.0), 50.0), 50.0)
    assert forecast.left(50.0) == pytest.approx(500.0)
    forecast.note(Started("b", "one", ""), 50.0)
    assert forecast.running == [("b", "one")]
    assert forecast.left(150.0) == pytest.approx(400.0)
    assert forecast.share(150.0) == pytest.approx(150 / 550)
    assert forecast.left(600.0) == pytest.approx(25.0, rel=0.1)  # overdue
    forecast.note(Finished("b", "one", Failed("no"), 600.0), 650.0)
    assert forecast.left(650.0) == 0.0 and forecast.interviews == (2, 2)


def test_what_earlier_runs_took_counts_until_this_one_knows_better() -> None:
    forecast = Forecast()
    plan = Planned(
        {"one": 2, "two": 2},
        {"a": Length(100.0), "b": Length(300.0)},
        {"one": (), "two": ("one",)},
        {"one": (400.0, 40.0), "two": (400.0, 400.0)},
    )
    forecast.note(plan, 0.0)
    forecast.note(Started("b", "one", ""), 0.0)
    assert forecast.left(1.0) == pytest.approx(439.0, rel=0.01)
    forecast.note(Reused("a", "one"), 1.0)
    forecast.note(Blocked("a", "two", "why"), 1.0)
    assert forecast.interviews == (1, 2)
    forecast.note(Dropped("b"), 2.0)
    assert forecast.running == [] and (forecast.left(2.0) or 0.0) > 300.0
