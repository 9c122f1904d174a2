"""What a run did when: its resources' busy shares, and a trace for chrome://tracing or ui.perfetto.dev."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from imigue_build.engine.events import Event, Finished, Span
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import Failed

_MICRO: Final = 1e6
_GPU: Final = " on GPU "
_CORES: Final = "cores"
_FULL: Final = 0.7
"""The busy share from which on a resource may hold up the rest; below it single interviews take their time."""


class Usage(NamedTuple):
    """Busy shares in [0, 1] by resource, and the bottleneck, where there is one, with the setting that widens it."""

    busy: dict[str, float]
    bottleneck: str


class Trace:
    """Takes the events of a run."""

    def __init__(self) -> None:
        self._ran: list[tuple[Finished, Span]] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Finished) and event.span is not None:
            self._ran.append((event, event.span))

    def usage(self, pipeline: Pipeline, jobs: int) -> Usage:
        """How busy cores, GPUs and processes of several cores were from the first job to the last."""
        if not self._ran:
            return Usage({}, "")
        wall = max(self._until(), 1e-9)
        busy: dict[str, float] = {}
        cores = 0.0
        for worker, spans in self._by_worker().items():
            seconds = _length(_union(spans))
            stage = pipeline.by_name.get(worker.rpartition(" ")[0])
            if stage is not None:
                taken = min(stage.resources.cpu, jobs)
                busy[stage.name] = busy.get(stage.name, 0.0) + seconds * taken / (wall * jobs)
                cores += seconds * taken
            elif _GPU not in worker:
                cores += seconds
        if cores:
            busy[_CORES] = cores / (wall * jobs)
        busy |= {f"GPU {device}": _length(_union(spans)) / wall for device, spans in self._by_device().items()}
        busy = {name: round(min(share, 1.0), 3) for name, share in sorted(busy.items())}
        return Usage(busy, _bottleneck(busy))

    def document(self) -> dict[str, Any]:
        """The trace, in Chrome's trace event format: times in microseconds from the first job's being ready."""
        start = min((span.queued for _, span in self._ran), default=0.0)
        workers = sorted(self._by_worker())
        threads = {name: number for number, name in enumerate(workers, 1)}
        events: list[dict[str, Any]] = [_named(0, "imigue-build", "process_name")]
        events += [_named(number, name, "thread_name") for name, number in threads.items()]
        for event, span in self._ran:
            track = threads[span.worker]
            about = {
                "interview": event.video_id,
                "waited": round(span.started - span.queued, 6),
                "outcome": "failed" if isinstance(event.outcome, Failed) else "done",
            }
            if span.loaded is not None:
                began, ended = span.loaded
                events.append(_lasting(f"load {event.stage}", "load", track, began - start, ended - began, {}))
            name, lasted = f"{event.stage} {event.video_id}", span.ended - span.started
            events.append(_lasting(name, event.stage, track, span.started - start, lasted, about))
            events.append(_waiting(event, span, start, "b"))
            events.append(_waiting(event, span, start, "e"))
        for number, (device, spans) in enumerate(sorted(self._by_device().items()), len(threads) + 1):
            events.append(_named(number, f"GPU {device}: idle", "thread_name"))
            busy = _union(spans)
            for (_, ended), (began, _) in pairwise(busy):
                events.append(_lasting("idle", "idle", number, ended - start, began - ended, {}))
        return {"traceEvents": events, "displayTimeUnit": "ms"}

    def _until(self) -> float:
        spans = [span for _, span in self._ran]
        return max(span.ended for span in spans) - min(began for began, _ in _union(spans))

    def _by_worker(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for _, span in self._ran:
            found.setdefault(span.worker, []).append(span)
        return found

    def _by_device(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for worker, spans in self._by_worker().items():
            if _GPU in worker:
                found.setdefault(worker.rpartition(_GPU)[2], []).extend(spans)
        return found


def _union(spans: Iterable[Span]) -> list[tuple[float, float]]:
    """The stretches, in order, in which at least one of the spans was at work or loading."""
    merged: list[tuple[float, float]] = []
    stretches = [stretch for span in spans for stretch in (span.loaded, (span.started, span.ended)) if stretch]
    for began, ended in sorted(stretches):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((began, ended))
    return merged


def _length(stretches: Sequence[tuple[float, float]]) -> float:
    return sum(ended - began for began, ended in stretches)


def _bottleneck(busy: dict[str, float]) -> str:
    if not busy:
        return ""
    name = max(busy, key=lambda key: busy[key])
    if busy[name] < _FULL:
        return ""
    if name.startswith("GPU"):
        return f"{name} (transcribe.batch_size, or more GPUs)"
    return "the cores (--jobs)" if name == _CORES else f"{name} ({name}.jobs)"


def _lasting(name: str, kind: str, track: int, began: float, lasted: float, about: dict[str, Any]) -> dict[str, Any]:
    times = {"ts": round(began * _MICRO), "dur": round(lasted * _MICRO)}
    return {"ph": "X", "name": name, "cat": kind, "pid": 1, "tid": track, **times, "args": about}


def _waiting(event: Finished, span: Span, start: float, edge: str) -> dict[str, Any]:
    """One edge of the time in which a job waited for its turn; waits overlap, so they are asynchronous events."""
    at = span.queued if edge == "b" else span.started
    waits = {"name": f"{event.stage} waits", "cat": "wait", "id": f"{event.video_id}/{event.stage}"}
    return {"ph": edge, **waits, "pid": 1, "tid": 0, "ts": round((at - start) * _MICRO)}


def _named(track: int, name: str, what: str) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": 1, "tid": track, "args": {"name": name}}
