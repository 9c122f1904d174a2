"""Pages of the commands that build."""

from __future__ import annotations

from typing import Final

from imigue_build.cli.pages.page import BUILD, NOTHING, RUNS, Page

_FAILED: Final = "some interviews failed; the others are done, and exported"
_RUN_JSON: Final = (
    '{"done": [ID], "failed": {ID: {"stage", "reason"}}, "reused": N, "ran": N, "seconds": {STAGE: S}, '
    '"x_realtime": F, "warnings": [TEXT], "busy": {RESOURCE: SHARE}, "bottleneck": TEXT}'
)
_STAGE_MORE: Final = "It reads what the stages before it left in WORK, and names the first that is missing."
_EXPORT_MORE: Final = (
    f"{_STAGE_MORE} The release always holds every interview that is whole in WORK, is put together beside its "
    "place, and swapped in when it is whole."
)


def _stage(name: str, more: str = _STAGE_MORE, release: str = "") -> Page:
    return Page(
        BUILD,
        more,
        (
            (f"{name} VIDEOS --work WORK{release}", "of all interviews"),
            (f"{name} VIDEOS --work WORK{release} --only 0440 --force", "of one, although nothing changed"),
        ),
        _FAILED,
        _RUN_JSON,
        RUNS,
    )


PAGES: Final = {
    "demo": Page(
        BUILD,
        "The demo is 75 seconds of an acted interview that comes with imigue-build; the embedded recipe needs no GPU, "
        "no token and no download. It takes a minute or so; a second time it finds all done.",
        (
            ("demo", "in build/demo: work holds the artifacts, release the corpus"),
            ("demo --out DIR", "in another folder"),
        ),
        _FAILED,
        _RUN_JSON,
        ("TMPDIR",),
    ),
    "run-all": Page(
        BUILD,
        "Interviews stream through the stages extract, transcribe, diarize, align and export. After Ctrl-C, or a "
        "crash, the same command goes on. One interview's failure ends no other's.",
        (
            ("run-all VIDEOS --work WORK --release RELEASE", "everything that is not done yet"),
            ("run-all VIDEOS --labels labels.csv --work WORK --release RELEASE", "with who won"),
            ("run-all VIDEOS --work WORK --release RELEASE --only 0001,0002", "two interviews"),
            ("run-all VIDEOS --work WORK --release RELEASE --shard 2/4", "the second of four parts, in a job array"),
            ("run-all VIDEOS --work WORK --release RELEASE --config laptop", "with another recipe"),
            ("run-all VIDEOS --work WORK --release RELEASE --set align.pause=0.4", "with another setting"),
            ("run-all VIDEOS --work WORK --release RELEASE --overrides overrides", "with a person's corrections"),
        ),
        _FAILED,
        _RUN_JSON,
        RUNS,
    ),
    "extract": _stage("extract", "The video is decoded once: a 44.1 kHz WAV for the release, a 16 kHz one for models."),
    "transcribe": _stage("transcribe"),
    "diarize": _stage("diarize"),
    "align": _stage("align"),
    "export": _stage("export", _EXPORT_MORE, " --release RELEASE"),
    "plan": Page(
        BUILD,
        "Nothing is written. Each stage of each interview is to run, to be reused, or blocked, with the reason.",
        (
            ("plan VIDEOS --work WORK", "of a run with the default recipe"),
            ("plan VIDEOS --work WORK --set align.pause=0.4", "what a changed setting would run again"),
        ),
        json='{"items": [{"video_id", "stage", "action": "run|reuse|blocked", "because"}]}',
        variables=RUNS,
        interrupted=NOTHING,
    ),
}
