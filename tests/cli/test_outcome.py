"""Tables of many interviews, and warnings and failures that several have."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from imigue_build.cli.outcome import failures, print_all, warnings
from imigue_build.pipeline import Summary
from imigue_build.pipeline.tallies import MOST_LISTED, tallies
from tests.benchmarks.finished import Finished
from tests.cli.test_errors import call


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One interview more than are listed without being asked for; of one a file is lost, one failed."""
    finished = Finished(tmp_path_factory.mktemp("many"), MOST_LISTED + 1)
    for path in finished.outputs(finished.ids[0], "diarize"):
        path.unlink()
    return finished


def rows(out: str) -> dict[str, list[str]]:
    """The lines of a table by their first word."""
    return {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.split()}


def test_a_plan_of_many_is_a_table_by_stage(many: Finished) -> None:
    code, out, _ = call("plan", str(many.videos), "--work", str(many.work), "--config", "embedded")
    assert code == 0
    found = rows(out)
    assert found["stage"] == ["run", "reuse", "blocked", "because"]
    assert found["extract"] == ["13"] and found["diarize"][:2] == ["1", "12"]
    assert found["export"] == ["1", "12", "speakers", "runs"]
    assert many.ids[1] not in out and "--all lists every interview" in out
    _, out, _ = call("plan", str(many.videos), "--work", str(many.work), "--config", "embedded", "--all")
    assert sum(line.startswith(many.ids[1]) for line in out.splitlines()) == 6
    _, out, _ = call("plan", str(many.videos), "--work", str(many.work), "--config", "embedded", "--json")
    assert len(json.loads(out)["items"]) == 6 * 13


def test_a_plan_of_few_is_listed(many: Finished) -> None:
    words = ["--work", str(many.work), "--config", "embedded", "--only", f"{many.ids[0]},{many.ids[1]}"]
    _, out, _ = call("plan", str(many.videos), *words)
    assert sum(line.startswith(many.ids[1]) for line in out.splitlines()) == 6 and "--all" not in out


def test_the_status_of_many_is_a_table_by_stage(many: Finished) -> None:
    code, out, _ = call("status", "--work", str(many.work))
    found = rows(out)
    assert code == 0 and found["stage"] == ["done", "stale", "missing", "failed", "because"]
    assert found["extract"] == ["13"] and found["export"] == ["12", "1", "speakers", "runs"]
    assert "13 interviews; --all lists every one" in out and many.ids[1] not in out
    _, out, _ = call("status", "--work", str(many.work), "--all")
    assert rows(out)[many.ids[1]] == ["done"] * 6
    _, out, _ = call("status", "--work", str(many.work), "--json")
    assert json.loads(out)["interviews"][many.ids[0]]["diarize"] == "stale"


def test_a_table_has_the_most_frequent_reasons() -> None:
    found = [
        ("align", "run", "a"),
        ("align", "run", "b"),
        ("align", "run", "a"),
        ("align", "run", "c"),
        ("x", "reuse", ""),
    ]
    align, other = tallies([*found, ("align", "blocked", "a")])
    assert (align.counts["run"], align.counts["blocked"], align.because) == (4, 1, "3 x a; 1 x b; 1 for other reasons")
    assert (other.stage, other.counts["reuse"], other.because) == ("x", 1, "")
    (one,) = tallies([("align", "run", "w: 1; x: 2; y: 3; z: 4")])
    assert one.because == "w: 1; x: 2 and 2 more"


def test_what_several_interviews_have_is_said_once() -> None:
    summary = Summary(
        done=["0001", "0002", "0003"], warnings=["0001: same", "0002: same", "0003: else", "a: b", "a: b"]
    )
    assert warnings(summary) == ["2 interviews (0001, 0002): same", "0003: else", "a: b"]
    failed = {"0001": ("align", "why"), "0002": ("align", "why"), "0003": ("align", "other")}
    assert failures(failed) == ["2 interviews (0001, 0002) at align: why", "0003 at align: other"]


def test_each_text_is_printed_once() -> None:
    file = io.StringIO()
    print_all(Console(file=file), "note", ["one", "two", "one"])
    assert file.getvalue().splitlines() == ["note: one", "note: two"]


def test_a_run_has_each_note_once(many: Finished, tmp_path: Path) -> None:
    (tmp_path / "1.mp4").write_bytes(b"no video")
    _, out, _ = call("transcribe", str(tmp_path), "--work", str(tmp_path / "w"), "--config", "minimal")
    assert sum(line.startswith("note: ") for line in out.splitlines()) == 1
    _, out, _ = call("extract", str(tmp_path), "--work", str(tmp_path / "w"), "--config", "minimal")
    assert "note: " not in out
