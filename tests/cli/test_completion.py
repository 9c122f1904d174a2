"""The Tab key: what a shell is answered, by its own protocol."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imigue_build.apps.bench.datasets import NAMES
from imigue_build.backends.configs import keys, load
from imigue_build.cli import completion
from imigue_build.config import recipes


def ask(shell: str, *words: str, cwd: Path | None = None) -> list[str]:
    """The answers to a line, of which the last word is being typed."""
    bash = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    others = {"_TYPER_COMPLETE_ARGS": " ".join(words), "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    environment = {**os.environ, "_IMIGUE_BUILD_COMPLETE": f"complete_{shell}", **(bash if shell == "bash" else others)}
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build"],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.split("\n") if line]


def broken(line: str) -> list[str]:
    """The words of a line as bash hands them over: broken at `=`."""
    return line.replace("=", " = ").split(" ") if not line.endswith("=") else [*line[:-1].split(" "), "="]


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("imigue-build vali", ["validate"]),
        ("imigue-build bench s", ["ser", "sentiment"]),
        ("imigue-build run-all x --exe", ["--executor"]),
        ("imigue-build run-all x --executor r", ["ray"]),
        ("imigue-build run-all x --config emb", ["embedded"]),
        ("imigue-build run-all --config=emb", ["embedded"]),
        (
            "imigue-build run-all x --set diarize.back",
            [f"diarize.backend={name}" for name in ("dvector", "segmentation-onnx", "pyannote", "given")],
        ),
        ("imigue-build run-all x --set diarize.backend=p", ["pyannote"]),
        ("imigue-build run-all x --set=diarize.backend=p", ["pyannote"]),
        ("imigue-build run-all x --set diarize.backend=", ["dvector", "segmentation-onnx", "pyannote", "given"]),
        ("imigue-build bench ser --dataset emod", ["emodb"]),
        ("imigue-build bench ser --features builtin", ["builtin", "builtin+speaker", "builtin+whisper"]),
        ("imigue-build validate x", []),
    ],
)
def test_bash(line: str, answers: list[str]) -> None:
    assert ask("bash", *broken(line)) == answers


def test_zsh_and_fish_get_whole_words() -> None:
    line = "imigue-build run-all x --set diarize.backend=p"
    assert ask("fish", line) == ["diarize.backend=pyannote"]
    assert '"diarize.backend=pyannote"' in "".join(ask("zsh", line))


def test_ids_come_from_videos_work_and_releases(tmp_path: Path) -> None:
    videos, work = tmp_path / "videos", tmp_path / "work"
    for folder in (videos, work / "0007", work / "0009", work / "leases"):
        folder.mkdir(parents=True)
    (work / "imigue-work.json").touch()
    (videos / "440.mp4").write_bytes(b"x" * 100)
    assert ask("bash", "imigue-build", "run-all", str(videos), "--only", "04") == ["0440"]
    assert ask("bash", "imigue-build", "override", "--work", str(work), "") == ["0007", "0009"]
    assert ask("bash", "imigue-build", "run-all", "--work", str(work), "--only", "0007,") == ["0007,0009"]
    assert ask("bash", "imigue-build", "override", "--work", str(tmp_path / "nowhere"), "") == []


def test_names_that_a_shell_would_run_are_not_offered(tmp_path: Path) -> None:
    for name in ("$(touch pwned).yaml", "`touch pwned`.yaml", "a'b.yaml", "a b.yaml", "*.yaml", "-x.yaml", "mine.yaml"):
        (tmp_path / name).touch()
    line = "imigue-build run-all x --config "
    assert ask("bash", *line.split(" "), cwd=tmp_path) == [*recipes(), "mine.yaml"]
    assert ask("fish", line, cwd=tmp_path) == [*recipes(), "mine.yaml"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_itself_takes_the_script_and_runs_no_name(tmp_path: Path) -> None:
    (tmp_path / "$(touch pwned).yaml").touch()
    command = tmp_path / "imigue-build"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imigue_build "$@"\n')
    command.chmod(0o755)
    script = """
        eval "$(_IMIGUE_BUILD_COMPLETE=source_bash imigue-build)"
        COMP_WORDS=(imigue-build run-all x --config "") COMP_CWORD=4
        _imigue_build_completion imigue-build
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == list(recipes())
    assert not (tmp_path / "pwned").exists()


def test_what_is_offered_is_what_there_is() -> None:
    assert [name.replace("-", "_") for name in completion._DATASETS] == list(NAMES)
    assert all(completion._PLAIN.fullmatch(key) for key in keys())


def test_settings_that_are_offered_are_taken() -> None:
    backends = {
        "transcribe": "transcribe.backend=pocketsphinx",
        "diarize": "diarize.backend=dvector",
        "align": "align.backend=pocketsphinx",
    }
    chosen = [
        f"{key}={value}"
        for key, values in keys().items()
        for value in values
        if key.startswith(("extract.", "export."))
    ]
    assert len(chosen) > 5
    load("embedded", [*backends.values(), *chosen])
    assert keys()["diarize.embedding"] == ("auto", "resemblyzer", "builtin")
    assert keys()["export.clip_overlap"] == ("false", "true")
    assert "transcribe.asr.beam_size" in keys()


def test_completion_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").write_bytes(b"x")
    script = (
        "import sys; from imigue_build.cli import main, completion as c\n"
        "class Context: params, args = {'videos': sys.argv[1]}, []\n"
        "assert c.ids(Context, '') == ['0001'] and c.settings('al') and c.configs('')\n"
        "print(sorted({'numpy', 'scipy', 'torch', 'librosa', 'sklearn', 'pocketsphinx', 'praatio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
