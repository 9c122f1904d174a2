"""A run from end to end: find the interviews, plan, execute, assemble the release, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from imigue_build import corpus as corpora
from imigue_build import overrides
from imigue_build.config import Config, parse
from imigue_build.engine.events import Blocked, Event, Finished, Reused
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Interview, Pipeline, PlanItem, Status, plan_interview, status_of
from imigue_build.engine.stage import Failed
from imigue_build.errors import ImigueError, UsageError
from imigue_build.records import Label, Record, decode
from imigue_build.release.assemble import Assembled, assemble, check_target
from imigue_build.stages import build
from imigue_build.store import space
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.lock import locked
from imigue_build.store.workspace import Workspace

COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "extract": ("extract",),
    "transcribe": ("transcribe",),
    "diarize": ("diarize", "roles"),
    "align": ("align",),
    "export": ("export",),
    "run-all": ("extract", "transcribe", "diarize", "roles", "align", "export"),
}
"""Which of the engine's stages a command runs."""

_LAST_RUN: Final = "last-run.json"


@dataclass(frozen=True)
class Request:
    """What the user asked for. `release` is None where the command exports nothing."""

    videos: Path
    work: Path
    release: Path | None
    config: Config
    command: str = "run-all"
    labels: Path | None = None
    only: tuple[str, ...] = ()
    jobs: int = 1
    force: bool = False
    verify: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        return COMMANDS[self.command]


@dataclass
class Summary:
    """What a run did. `failed` maps an interview, or the file that is none, to its stage and reason."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ran: int = 0
    reused: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    media_seconds: float = 0.0
    wall_seconds: float = 0.0
    release: Assembled | None = None

    @property
    def x_realtime(self) -> float:
        """Seconds of recording that went through a stage, by seconds of waiting."""
        return round(self.media_seconds / self.wall_seconds, 2) if self.wall_seconds else 0.0


class LastRun(Record, frozen=True):
    """What `status` needs to know of the run before: its config and where its videos were."""

    config: dict[str, Any]
    videos: str


@dataclass(frozen=True)
class Prepared:
    """A request that was looked at whole: nothing has been written so far.

    `unusable` are interviews whose corrections cannot be read, and why; they are left as they are.
    """

    request: Request
    work: Workspace
    corpus: corpora.Corpus
    labels: dict[str, Label]
    pipeline: Pipeline
    warnings: tuple[str, ...]
    unusable: dict[str, str]

    def interviews(self, remember: bool = False) -> list[tuple[Interview, Path | None]]:
        """The state of each interview that the request is about; `remember` as in `observe`."""
        return [
            (observe(self.work, self.pipeline, video.video_id, video.path, remember, self.request.verify), video.path)
            for video in self.corpus.videos
            if (not self.request.only or video.video_id in self.request.only) and video.video_id not in self.unusable
        ]


def prepare(request: Request) -> Prepared:
    """Checks everything that can be known before the first second of work.

    Raises:
        UsageError: If a path, the labels or `--only` cannot be used.
        BackendError: If a tool or model of a stage is missing.
    """
    work = Workspace(request.work)
    corpus = corpora.discover(request.videos)
    _check_places(request)
    work.check()
    if request.release is not None:
        known = {video.video_id for video in corpus.videos} | set(work.video_ids())
        check_target(request.release, request.videos, request.work, known)
    _check_only(request, corpus)
    labels: dict[str, Label] = {}
    warnings: list[str] = []
    if request.labels is not None:
        table = corpora.read_labels(request.labels)
        labels = dict(table.labels)
        warnings += table.warnings
        warnings += corpora.match(corpus, table)
    elif request.release is not None:
        warnings.append("no --labels: gender, nationality and outcome stay empty in the release")
    if request.config.overrides is None and (folder := _last_overrides(work)):
        request = replace(request, config=request.config.model_copy(update={"overrides": folder}))
        warnings.append(f"the corrections in {folder} are applied, as in the last run; --overrides names others")
    known = {video.video_id for video in corpus.videos} | set(work.video_ids())
    unusable, doubtful = _check_overrides(request.config.overrides, known)
    stages = build(request.config)
    return Prepared(request, work, corpus, labels, Pipeline(stages), (*warnings, *doubtful), unusable)


def plan(prepared: Prepared) -> list[PlanItem]:
    """What `execute` would do, item by item; writes nothing."""
    request = prepared.request
    first = request.wanted[0]
    blocked = [PlanItem(video_id, first, "blocked", why) for video_id, why in prepared.unusable.items()]
    return blocked + [
        item
        for interview, _ in prepared.interviews()
        for item in plan_interview(prepared.pipeline, interview, request.wanted, request.force)
    ]


def execute(prepared: Prepared, emit: Callable[[Event], None]) -> Summary:
    """Runs the request and assembles the release; every event goes to `emit`.

    Raises:
        StoreError: If another run holds WORK, or its disk fails.
        ReleaseError: If the release cannot be written.
    """
    request, work = prepared.request, prepared.work
    started = time.monotonic()
    work.prepare()
    with locked(work.root):
        work.recover()
        _remember(work, request)
        watcher = _Watcher(emit)
        executor = LocalExecutor(prepared.pipeline, work, request.jobs, watcher, request.force)
        interviews = prepared.interviews(remember=True)
        _check_space(prepared, interviews)
        try:
            executor.run(interviews, request.wanted)
        finally:
            work.recover()
        summary = watcher.summary
        summary.warnings[:0] = prepared.warnings
        summary.failed |= {problem.name: ("discover", problem.message) for problem in prepared.corpus.problems}
        summary.failed |= {video_id: ("overrides", why) for video_id, why in prepared.unusable.items()}
        chosen = [interview.video_id for interview, _ in interviews]
        summary.done = [video_id for video_id in chosen if video_id not in summary.failed]
        if request.release is not None and "export" in request.wanted:
            _release(prepared, summary, request.release)
    summary.wall_seconds = time.monotonic() - started
    return summary


def status(work: Workspace) -> dict[str, dict[str, Status]]:
    """The state of every stage of every interview in WORK, against the config of the last run.

    Raises:
        UsageError: If the folder is no WORK folder or nothing was run in it.
    """
    work.open()
    last = _last_run(work)
    if last is None:
        raise UsageError(f"--work {work.root} has no record of a run", "run `imigue-build run-all` first")
    pipeline = Pipeline(build(parse(last.config, "of the last run")))
    try:
        videos = {video.video_id: video.path for video in corpora.discover(Path(last.videos)).videos}
    except UsageError:
        videos = {}
    ids = sorted(set(work.video_ids()) | videos.keys())
    return {video_id: status_of(pipeline, observe(work, pipeline, video_id, videos.get(video_id))) for video_id in ids}


class _Watcher:
    """Passes events on and sums them up."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.summary = Summary()
        self._emit = emit
        self._media: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        self._emit(event)
        if isinstance(event, Reused):
            self.summary.reused += 1
        elif isinstance(event, Finished):
            self._finished(event)
        elif isinstance(event, Blocked):
            self.summary.failed.setdefault(event.video_id, (event.stage, event.because))

    def _finished(self, event: Finished) -> None:
        summary = self.summary
        summary.seconds[event.stage] = round(summary.seconds.get(event.stage, 0.0) + event.seconds, 3)
        if isinstance(event.outcome, Failed):
            summary.failed[event.video_id] = (event.stage, event.outcome.reason)
            return
        summary.ran += 1
        summary.warnings += [f"{event.video_id}: {warning}" for warning in event.outcome.warnings]
        longest = max(self._media.get(event.video_id, 0.0), event.outcome.media_seconds)
        summary.media_seconds += longest - self._media.get(event.video_id, 0.0)
        self._media[event.video_id] = longest


def _release(prepared: Prepared, summary: Summary, release: Path) -> None:
    work = prepared.work
    summary.release = assembled = assemble(work, work.video_ids(), prepared.labels, release)
    held = set(assembled.interviews)
    summary.warnings += [
        f"{name}: the release keeps it as it was built before" for name in summary.failed if name in held
    ]
    summary.warnings += [
        f"{name}: the release shows it as it was before {', '.join(stages)} ran again; run-all brings it up to date"
        for name, stages in assembled.outdated.items()
    ]
    summary.warnings += [f"{name}: left out of the release: {reason}" for name, reason in assembled.left_out.items()]


def _last_run(work: Workspace) -> LastRun | None:
    try:
        return decode((work.root / _LAST_RUN).read_bytes(), LastRun)
    except (OSError, ValueError):
        return None


def _last_overrides(work: Workspace) -> str | None:
    """The folder of corrections of the last run: what a person corrected is not lost for want of an option."""
    last = _last_run(work)
    folder = last.config.get("overrides") if last else None
    return folder if isinstance(folder, str) else None


def _check_space(prepared: Prepared, interviews: Sequence[tuple[Interview, Path | None]]) -> None:
    """Whether there is room for what runs. A release on another disk than WORK is copied there whole, not linked."""
    request = prepared.request
    first, *later = (stage.name for stage in prepared.pipeline.stages)
    sizes: dict[str, int] = {}
    run: set[tuple[str, str]] = set()
    for interview, video in interviews:
        extracted = interview.artifacts[first].completion
        size = video.stat().st_size if video is not None and video.exists() else 0
        sizes[interview.video_id] = space.needed(size, extracted.media_seconds if extracted else None)
        items = plan_interview(prepared.pipeline, interview, request.wanted, request.force)
        run |= {(item.video_id, item.stage) for item in items if item.action == "run"}
    takes = [(request.work, size) for video_id, size in sizes.items() if (video_id, first) in run]
    exports = request.release is not None and any(stage in later for _, stage in run)
    if exports and request.release is not None and not space.same_disk(request.work, request.release):
        takes += [(request.release, size) for size in sizes.values()]
    if run:
        space.check(takes)


def _remember(work: Workspace, request: Request) -> None:
    last = LastRun(request.config.model_dump(mode="json"), str(request.videos.resolve()))
    with guarded(f"cannot write to --work {work.root}"):
        write_atomically(work.root / _LAST_RUN, msgspec.json.encode(last) + b"\n")


def _check_places(request: Request) -> None:
    videos = request.videos.resolve()
    work = request.work.resolve()
    if videos.is_dir() and _inside(work, videos):
        raise UsageError(
            f"--work {request.work} lies inside VIDEOS",
            "name a folder outside, so that no WAV of it is taken for a video",
        )
    if _inside(videos, work):
        raise UsageError(f"VIDEOS {request.videos} lies inside --work", "move the videos out of the work folder")


def _check_overrides(folder: str | None, known: Set[str]) -> tuple[dict[str, str], list[str]]:
    """By interview why its corrections cannot be read, and warnings of files that are of no interview.

    Raises:
        UsageError: If the folder does not exist.
    """
    if folder is None:
        return {}, []
    if not Path(folder).is_dir():
        raise UsageError(f"the folder of corrections {folder} does not exist", "name an existing one with --overrides")
    unusable: dict[str, str] = {}
    warnings: list[str] = []
    for path in sorted(Path(folder).iterdir()):
        if path.suffix != ".yaml" or path.stem not in known:
            warnings.append(f"{path} corrects no interview here: its name is to be an id with .yaml")
            continue
        try:
            overrides.read(path)
        except ImigueError as error:
            unusable[path.stem] = str(error)
    return unusable, warnings


def _inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _check_only(request: Request, corpus: corpora.Corpus) -> None:
    known = [video.video_id for video in corpus.videos]
    unknown = [name for name in request.only if name not in known]
    if unknown:
        shown = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
        raise UsageError(
            f"--only names {', '.join(unknown)}, which VIDEOS does not hold", f"it holds {shown or 'none'}"
        )
