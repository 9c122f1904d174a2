"""Checks a whole request before any work is done."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from imigue_build import corpus as corpora
from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.core.records import Label
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Interview, Pipeline
from imigue_build.pipeline.last_run import foreign_run
from imigue_build.pipeline.request import COMMAND_OF, Request
from imigue_build.pipeline.up_to_date import up_to_date
from imigue_build.release.build.target import check_place, check_target
from imigue_build.release.build.up_to_date import LastRelease, last_release
from imigue_build.stages import build
from imigue_build.store.workspace import Workspace


@dataclass(frozen=True)
class Prepared:
    """A checked request; nothing has been written yet.

    Attributes:
        unusable: By interview why its corrections cannot be read; it is not worked on.
        release: The note on the release, where the release is unchanged since it was written.
    """

    request: Request
    work: Workspace
    corpus: corpora.Corpus
    labels: dict[str, Label]
    pipeline: Pipeline
    warnings: tuple[str, ...]
    unusable: dict[str, str]
    release: LastRelease | None = None

    @property
    def refused(self) -> dict[str, tuple[str, str]]:
        """The videos and interviews that are not worked on, by name: at which step, and why."""
        found = {problem.name: ("discover", problem.message) for problem in self.corpus.problems}
        return found | {video_id: ("overrides", why) for video_id, why in self.unusable.items()}

    @property
    def chosen(self) -> list[str]:
        """Ids of the interviews to work on."""
        ids = [video.video_id for video in self.corpus.videos]
        if self.request.shard is not None:
            part, parts = self.request.shard
            ids = sorted(ids)[part - 1 :: parts]
        only = set(self.request.only or ids)
        return [video_id for video_id in ids if video_id in only and video_id not in self.unusable]

    @property
    def of_other_shards(self) -> list[str]:
        """Ids of the interviews that the runs of the other shards work on."""
        if self.request.shard is None or self.request.only:
            return []
        return sorted(set(self.videos) - set(self.chosen) - set(self.unusable))

    def up_to_date(self, ids: Iterable[str], stages: Iterable[str]) -> list[str]:
        """The interviews in which these stages are up to date, judged by the stats of their files."""
        wanted = set(stages)
        return [
            name for name in ids if wanted.issubset(up_to_date(self.work, self.pipeline, name, self.videos.get(name)))
        ]

    def observe(self, video_id: str, remember: bool = True) -> Interview:
        """The state of one interview; `remember` as in `engine.observe`."""
        video = self.videos.get(video_id)
        return observe(self.work, self.pipeline, video_id, video, remember, self.request.verify)

    @cached_property
    def videos(self) -> dict[str, Path]:
        """The video files by id."""
        return {video.video_id: video.path for video in self.corpus.videos}


def prepare(request: Request) -> Prepared:
    """Checks everything that can be checked before any work is done.

    Raises:
        UsageError: If a path, the labels or `--only` are invalid.
        BackendError: If a tool or model of a stage that is to run is missing.
    """
    work = Workspace(request.work)
    corpus = corpora.discover(request.videos)
    _check_places(request)
    work.check()
    release: LastRelease | None = None
    if request.target is not None:
        release = _check_release(request.target, request, work, {video.video_id for video in corpus.videos})
    _check_only(request, corpus)
    labels: dict[str, Label] = {}
    players: corpora.Players | None = None
    warnings: list[str] = []
    if request.labels is not None:
        table = corpora.read_labels(request.labels)
        labels, players = dict(table.labels), table.players
        warnings += table.warnings
        warnings += corpora.match(corpus, table)
    elif request.target is not None:
        warnings.append("no --labels: gender, nationality and outcome stay empty in the release")
    if "align" in request.wanted and (lexicon := request.config.align.lexicon):
        from imigue_build.text.lexicon import read_lexicon

        warnings += read_lexicon(Path(lexicon)).warnings
    if request.overrides is None and (foreign := foreign_run(work)) is not None and foreign.corrected:
        warnings.append(
            "corrections took part in the last run in WORK, which was not yours or not on this machine: "
            "they are not applied unless --overrides names their folder"
        )
    unusable: dict[str, str] = {}
    if request.overrides is not None:
        known = {video.video_id for video in corpus.videos} | set(work.video_ids())
        unusable, unknown = _check_overrides(request.overrides, known)
        warnings += unknown
    pipeline = Pipeline(build(request.config, request.overrides, players), COMMAND_OF)
    for name in request.wanted:
        pipeline.provenance(pipeline.by_name[name])
    return Prepared(request, work, corpus, labels, pipeline, tuple(warnings), unusable, release)


def _check_release(release: Path, request: Request, work: Workspace, ids: Set[str]) -> LastRelease | None:
    """The note on the release, where it is unchanged; else its files are checked, and the result is None."""
    note = last_release(work, release)
    known = (ids & set(request.only or ids)) | set(work.video_ids())
    if note is not None and set(note.interviews) <= known:
        check_place(release, request.videos, request.work)
        return note
    check_target(release, request.videos, request.work, known)
    return None


def _check_places(request: Request) -> None:
    if request.trace is not None and (request.trace.is_dir() or not request.trace.parent.is_dir()):
        raise UsageError(f"--trace {request.trace} cannot be written", "name a file in a folder that exists")
    videos = request.videos.resolve()
    work = request.work.resolve()
    if videos.is_dir() and _inside(work, videos):
        raise UsageError(
            f"--work {request.work} lies inside VIDEOS",
            "name a folder outside of it, so that its WAVs are not taken for videos",
        )
    if _inside(videos, work):
        raise UsageError(f"VIDEOS {request.videos} lies inside --work", "move the videos out of the work folder")


def _check_overrides(folder: Path, known: Set[str]) -> tuple[dict[str, str], list[str]]:
    """By interview why its corrections cannot be read, and a warning for each file that belongs to no interview.

    Raises:
        UsageError: If the folder does not exist.
    """
    if not folder.is_dir():
        raise UsageError(
            f"the folder of corrections {folder} does not exist", "name one; `imigue-build override` makes one"
        )
    from imigue_build.corpus import overrides

    unusable: dict[str, str] = {}
    warnings: list[str] = []
    others = overrides.others(folder, known)
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix != ".yaml" or path.stem not in known:
            warnings.append(f"{path} corrects no interview here: name it after an interview, as in 0440.yaml")
            continue
        try:
            overrides.read(path)
        except ImigueError as error:
            unusable[path.stem] = str(error)
        if path.stem in others:
            second = f"{others[path.stem]} corrects {path.stem} as well as {path}"
            unusable[path.stem] = f"{second}: put all of it into {path.name}, and remove the other"
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
