"""What of a request is up to date already, judged by stats: artifacts, and the release."""

from __future__ import annotations

from collections.abc import Set

from imigue_build.pipeline.last_run import last_run, remember, this_run
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Request, Summary
from imigue_build.release.build.assembled import Assembled
from imigue_build.release.build.up_to_date import LastRelease, holds, last_release
from imigue_build.release.schema.corpus import CorpusText
from imigue_build.store.lock import is_marked


def reusable(prepared: Prepared) -> frozenset[str]:
    """The chosen interviews that are up to date; none with --force and --verify, which check them all."""
    request = prepared.request
    if request.force or request.verify:
        return frozenset()
    return frozenset(prepared.up_to_date(prepared.chosen, request.wanted))


def nothing_to_do(prepared: Prepared, summary: Summary) -> bool:
    """Whether everything asked for is up to date, also the release; then `summary` is completed.

    Of what was asked a note is kept, where it was asked in other words than the last time.
    """
    request, work = prepared.request, prepared.work
    chosen = prepared.chosen
    if not chosen or prepared.unusable or request.trace is not None:
        return False
    last = last_run(work)
    if work.in_use or last is None:
        return False
    up_to_date = reusable(prepared)
    if len(up_to_date) < len(chosen):
        return False
    if request.target is not None:
        if is_marked(request.target.resolve()):
            return False
        note = prepared.release or last_release(work, request.target)
        summary.release = release_up_to_date(prepared, note, up_to_date)
        if summary.release is None:
            return False
    if last != this_run(request):
        remember(work, request)
    summary.reused += len(chosen) * len(request.wanted)
    return True


def release_up_to_date(prepared: Prepared, note: LastRelease | None, known: Set[str] = frozenset()) -> Assembled | None:
    """The release, where it is up to date by the note on it; the interviews in `known` were checked already."""
    work, request = prepared.work, prepared.request
    if note is None or request.force or request.verify:
        return None
    others = prepared.up_to_date(set(note.interviews) - known, ["export"])
    unchanged = holds(note, work, prepared.labels, {*known, *others}, work.video_ids(), corpus_of(request))
    return Assembled(False, list(note.interviews)) if unchanged else None


def corpus_of(request: Request) -> CorpusText:
    """What the recipe says of the corpus."""
    return CorpusText(**request.config.corpus.model_dump())
