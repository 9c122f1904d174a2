"""Busy shares, the bottleneck and the trace, from events with known times."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.engine.events import Finished, Reused, Span
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import ONE_CORE, Done, Failed, Resources
from imigue_build.engine.trace import Trace
from tests.engine.doubles import FakeStage

PIPELINE = Pipeline(
    [
        FakeStage("extract", ("video",), Path(), resources=ONE_CORE),
        FakeStage("transcribe", ("extract/out.txt",), Path(), resources=Resources(4, 0.5)),
        FakeStage("align", ("transcribe/out.txt",), Path(), resources=Resources(4)),
    ]
)


def finished(video_id: str, stage: str, span: Span, outcome: Done | Failed | None = None) -> Finished:
    return Finished(video_id, stage, outcome or Done(10.0), span.ended - span.started, span=span)


@pytest.fixture
def trace() -> Trace:
    found = Trace()
    for event in (
        finished("0001", "extract", Span("core 1", 100, 100, 102)),
        finished("0002", "extract", Span("core 2", 100, 100, 101)),
        finished("0001", "transcribe", Span("transcribe on GPU 0", 102, 102, 106, loaded=(100, 101.5))),
        finished("0002", "transcribe", Span("transcribe on GPU 0", 101, 107, 109), Failed("no")),
        finished("0001", "align", Span("align 1", 106, 106, 110)),
    ):
        found(event)
    found(Reused("0003", "extract"))
    found(Finished("0004", "extract", Failed("elsewhere"), 0.0))
    return found


def test_busy_shares_and_the_bottleneck(trace: Trace) -> None:
    busy, bottleneck = trace.usage(PIPELINE, jobs=8)
    # ten seconds: extraction 3 core seconds, alignment 4 x 4, of 80; the GPU loads 1.5 s and works 6
    assert busy == {"GPU 0": 0.75, "align": 0.2, "cores": round(19 / 80, 3)}
    assert bottleneck == "GPU 0 (transcribe.batch_size, or more GPUs)"
    assert Trace().usage(PIPELINE, 8) == ({}, "")


def test_where_nothing_is_full_nothing_is_called_a_bottleneck() -> None:
    trace = Trace()
    trace(finished("0001", "extract", Span("core 1", 100, 100, 110)))
    assert trace.usage(PIPELINE, jobs=2) == ({"cores": 0.5}, "")
    assert trace.usage(PIPELINE, jobs=1) == ({"cores": 1.0}, "the cores (--jobs)")


def test_the_trace_has_tasks_waits_loads_and_gaps(trace: Trace) -> None:
    events = trace.document()["traceEvents"]
    tracks = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    tasks = {e["name"]: e for e in events if e["ph"] == "X" and e["cat"] not in ("load", "idle")}
    assert (tasks["transcribe 0001"]["ts"], tasks["transcribe 0001"]["dur"]) == (2_000_000, 4_000_000)
    assert tracks[tasks["transcribe 0001"]["tid"]] == "transcribe on GPU 0"
    assert tasks["transcribe 0002"]["args"] == {"interview": "0002", "waited": 6.0, "outcome": "failed"}
    loads = [e for e in events if e.get("cat") == "load"]
    assert [(e["name"], e["ts"], e["dur"]) for e in loads] == [("load transcribe", 0, 1_500_000)]
    idle = [(tracks[e["tid"]], e["ts"], e["dur"]) for e in events if e.get("cat") == "idle"]
    assert idle == [("GPU 0: idle", 1_500_000, 500_000), ("GPU 0: idle", 6_000_000, 1_000_000)]
    waits = {(e["id"], e["ph"]): e["ts"] for e in events if e.get("cat") == "wait"}
    assert waits["0002/transcribe", "e"] - waits["0002/transcribe", "b"] == 6_000_000
