"""How long a run will take still, learned from what its stages took for a second of sound. Pure: it has no clock."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Final

from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Length, Planned, Reused, Started
from imigue_build.engine.stage import Done

_UNKNOWN: Final = 60.0
"""Seconds of sound that an interview is taken for while no length of any is known."""
_LAID_OUT: Final = 2000
"""Jobs up to which the rest is laid out over processes; of more, the last ones make no difference."""
_HALFWAY: Final = 2.0
"""A stage that has finished nothing yet is taken to be half way."""
_LEAST: Final = 0.05
"""Share of the expected time that a job is taken to need still when it is overdue."""


class Forecast:
    """Takes the events of a run, each with its time in seconds; says what share is done, and how long the rest takes.

    A stage is expected to take for an interview what it took for a second of sound so far, in this run; before it
    finished one, what the artifacts that were there had taken; else what it takes already, or what stages do on the
    average. The rest is laid out over as many processes as were busy until now.
    """

    def __init__(self) -> None:
        self._lengths: dict[str, Length] = {}
        self._earlier: Mapping[str, tuple[str, ...]] = {}
        self._pending: dict[str, list[str]] = {}
        self._running: dict[tuple[str, str], float] = {}
        self._seen: dict[str, tuple[float, float]] = {}
        self._before: dict[str, tuple[float, float]] = {}
        self._worked = 0.0
        self._since: float | None = None
        self._share = 0.0
        self._typical: tuple[float, float] | None = None

    def note(self, event: Event, now: float) -> None:
        """Takes an event."""
        if isinstance(event, Planned):
            self._lengths |= event.lengths
            self._earlier = event.earlier
            self._before |= event.before
            self._pending |= {video_id: list(event.stages) for video_id in event.lengths}
        elif isinstance(event, Started):
            self._since = now if self._since is None else self._since
            self._running[(event.video_id, event.stage)] = now
        elif isinstance(event, Finished):
            self._finished(event)
        elif isinstance(event, Reused | Blocked):
            self._settle(event.video_id, event.stage)
        elif isinstance(event, Dropped):
            self._running = {job: since for job, since in self._running.items() if job[0] != event.video_id}

    @property
    def interviews(self) -> tuple[int, int]:
        """How many interviews are through, and of how many."""
        return sum(not stages for stages in self._pending.values()), len(self._pending)

    @property
    def running(self) -> list[tuple[str, str]]:
        """The interviews that are worked on, with the stage, longest first."""
        return sorted(self._running, key=lambda job: self._running[job])

    def left(self, now: float) -> float | None:
        """Seconds until the run has gone through its stages; None while no stage has finished anything."""
        rest = self._rest(now)
        if rest is None or self._since is None:
            return None
        abreast = max((self._worked + self._under_way(now)) / max(now - self._since, 1e-9), 1e-9)
        work = sum(seconds for jobs in rest.values() for seconds in jobs.values())
        if sum(map(len, rest.values())) > _LAID_OUT:
            return work / abreast
        processes = max(round(abreast), 1)
        return self._laid_out(rest, processes) * max(processes / abreast, 1.0)

    def share(self, now: float) -> float | None:
        """The share of all work that is done, in [0, 1]; it never falls. None until every stage finished something."""
        rest = self._rest(now)
        known = self._before.keys() | self._seen.keys()
        if rest is None or any(stage not in known for jobs in rest.values() for stage in jobs):
            return None
        done = self._worked + self._under_way(now)
        work = sum(seconds for jobs in rest.values() for seconds in jobs.values())
        self._share = max(self._share, done / (done + work) if done + work else 1.0)
        return self._share

    def _finished(self, event: Finished) -> None:
        outcome = event.outcome
        if isinstance(outcome, Done):
            known = self._lengths.get(event.video_id, Length())
            if outcome.media_seconds > (known.seconds or 0.0):
                self._lengths[event.video_id] = known._replace(seconds=outcome.media_seconds)
                self._typical = None
            sound, seconds = self._seen.get(event.stage, (0.0, 0.0))
            self._seen[event.stage] = (sound + self._sound(event.video_id), seconds + event.seconds)
            self._worked += event.seconds
        self._settle(event.video_id, event.stage)

    def _settle(self, video_id: str, stage: str) -> None:
        self._running.pop((video_id, stage), None)
        stages = self._pending.get(video_id, [])
        if stage in stages:
            stages.remove(stage)

    def _sound(self, video_id: str) -> float:
        """Seconds of sound of an interview; from the size of its video while nothing better is known."""
        length = self._lengths.get(video_id, Length())
        if length.seconds:
            return length.seconds
        if self._typical is None:
            known = [other for other in self._lengths.values() if other.seconds]
            sounds, sizes = sum(one.seconds or 0.0 for one in known), sum(one.size for one in known)
            self._typical = sounds / len(known) if known else _UNKNOWN, sounds / sizes if sizes else 0.0
        typical, of_a_byte = self._typical
        return length.size * of_a_byte or typical

    def _rates(self, now: float) -> dict[str, float]:
        """By stage the seconds that it takes for a second of sound; empty while nothing is known of any."""
        found = {**self._before, **self._seen}
        rates = {stage: seconds / sound for stage, (sound, seconds) in found.items() if sound}
        if not rates:
            return {}
        from statistics import median

        usual = median(rates.values())
        for (video_id, stage), since in self._running.items():
            if stage not in found:
                rates[stage] = max(rates.get(stage, usual), _HALFWAY * (now - since) / self._sound(video_id))
        return {stage: rates.get(stage, usual) for stage in self._earlier}

    def _rest(self, now: float) -> dict[str, dict[str, float]] | None:
        """By interview and stage the seconds of work that are left."""
        rates = self._rates(now)
        if not rates:
            return None
        rest: dict[str, dict[str, float]] = {}
        for video_id, stages in self._pending.items():
            sound = self._sound(video_id) if stages else 0.0
            rest[video_id] = {stage: self._of_job(video_id, stage, rates[stage] * sound, now) for stage in stages}
        return rest

    def _of_job(self, video_id: str, stage: str, expected: float, now: float) -> float:
        since = self._running.get((video_id, stage))
        return expected if since is None else max(expected - (now - since), _LEAST * expected)

    def _under_way(self, now: float) -> float:
        """Seconds of work that are done of the jobs which are under way."""
        rates = self._rates(now)
        return sum(
            min(now - since, rates.get(stage, 0.0) * self._sound(video_id))
            for (video_id, stage), since in self._running.items()
        )

    def _laid_out(self, rest: Mapping[str, Mapping[str, float]], processes: int) -> float:
        """Seconds until all jobs are done, in the order in which executors take them."""
        order = {stage: -number for number, stage in enumerate(self._earlier)}
        missing: dict[tuple[str, str], set[str]] = {}
        ready: list[tuple[bool, int, float, str, str]] = []

        def is_ready(video_id: str, stage: str) -> None:
            under_way = (video_id, stage) in self._running
            heapq.heappush(ready, (not under_way, order[stage], -self._sound(video_id), video_id, stage))

        for video_id, jobs in rest.items():
            for stage in jobs:
                missing[video_id, stage] = jobs.keys() & self._earlier[stage]
                if not missing[video_id, stage]:
                    is_ready(video_id, stage)
        busy: list[tuple[float, str, str]] = []
        now = 0.0
        while ready or busy:
            while ready and len(busy) < processes:
                *_, video_id, stage = heapq.heappop(ready)
                heapq.heappush(busy, (now + rest[video_id][stage], video_id, stage))
            now, video_id, stage = heapq.heappop(busy)
            for later in rest[video_id]:
                if stage in missing[video_id, later]:
                    missing[video_id, later].remove(stage)
                    if not missing[video_id, later]:
                        is_ready(video_id, later)
        return now
