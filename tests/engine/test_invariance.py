"""What an artifact holds depends on its inputs and settings alone, however the work was divided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.engine.stage import ONE_CORE, Resources
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage, chain, run_through

IDS = ("0001", "0002", "0003", "0440")
ALL = ("first", "second", "third")


def artifacts(work: Workspace) -> dict[str, bytes]:
    return {
        f"{video_id}/{stage}": (work.artifact(video_id, stage) / "out.txt").read_bytes()
        for video_id in IDS
        for stage in ALL
    }


def run(
    root: Path, steps: list[tuple[tuple[str, ...], tuple[str, ...]]], jobs: int, stages: list[FakeStage]
) -> Workspace:
    """Runs steps, each some stages on some interviews, and then everything."""
    videos = root / "videos"
    videos.mkdir()
    for video_id in IDS:
        (videos / video_id).write_text(f"video {video_id} ")
    work = Workspace(root / "work")
    work.prepare()
    for wanted, chosen in [*steps, (ALL, IDS)]:
        run_through(stages, work, [videos / video_id for video_id in chosen], wanted, lambda event: None, jobs)
    return work


some = st.lists(st.sampled_from(IDS), min_size=1, unique=True).map(tuple)
parts = st.sampled_from([("first",), ("first", "second"), ("second", "third"), ALL])


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(parts, some), max_size=2),
    st.integers(1, 3),
    st.lists(st.integers(1, 4), min_size=3, max_size=3),
    st.lists(st.sampled_from([ONE_CORE, Resources(gpu=0.5), Resources(cpu=2)]), min_size=3, max_size=3),
)
def test_order_jobs_batches_and_detours_change_nothing(
    steps: list[tuple[tuple[str, ...], tuple[str, ...]]], jobs: int, batches: list[int], resources: list[Resources]
) -> None:
    with TemporaryDirectory() as plain, TemporaryDirectory() as other:
        expected = artifacts(run(Path(plain), [], 1, chain(Path(plain) / "runs")))
        stages = [
            replace(stage, batch=batch, resources=resource)
            for stage, batch, resource in zip(chain(Path(other) / "runs"), batches, resources, strict=True)
        ]
        assert artifacts(run(Path(other), steps, jobs, stages)) == expected
