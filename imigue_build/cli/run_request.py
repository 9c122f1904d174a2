"""From the words of a command, and what WORK remembers of its last run, to the request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.cli import hints, options
from imigue_build.core.plurals import counted

if TYPE_CHECKING:
    from imigue_build.pipeline import Request
    from imigue_build.pipeline.resuming import Asked

_EXPORTING: Final = ("run-all", "export")


class Origin(NamedTuple):
    """Where the settings of a run come from.

    Attributes:
        lines: What is printed of it.
        last_run: What was taken from the last run in WORK, as words to type; empty where nothing was.
    """

    lines: list[str]
    last_run: str = ""


def request_of(name: str, work: Path, asked: Asked, **more: Any) -> tuple[Request, Origin]:
    """The request of a command, and where its settings come from.

    Args:
        name: The command's.
        work: The folder WORK.
        asked: What the command line says that the last run may have said already.
        more: Of `Request`, what counts for one run.

    Raises:
        UsageError: If neither says what the command needs, or the settings cannot be used.
    """
    from imigue_build.core.system import cores
    from imigue_build.pipeline import Request
    from imigue_build.pipeline.resuming import missing, resumed, typed
    from imigue_build.store.workspace import Workspace

    workspace = Workspace(work)
    found = resumed(workspace, asked)
    whole, recipe = found.asked, found.recipe
    if recipe is None:
        recipe, line = options.recipe_of(None, list(asked.settings))
        whole = replace(whole, config=recipe.config.name, overrides=whole.overrides or recipe.overrides)
    else:
        line = f"config: {whole.config or recipe.config.name}"
    lacks = [] if whole.videos is not None else ["VIDEOS"]
    lacks += ["--release"] if name in _EXPORTING and whole.release is None else []
    if lacks or whole.videos is None:
        raise missing(workspace, asked, f"{name} needs {' and '.join(lacks)}", f"`{hints.command_line(name)}`")
    executor = whole.executor or "local"
    request = Request(
        whole.videos,
        work,
        whole.release,
        recipe.config,
        command="run-all" if name == "plan" else name,
        labels=whole.labels,
        overrides=whole.overrides.expanduser().absolute() if whole.overrides is not None else None,
        jobs=whole.jobs or cores(),
        executor=executor,
        ray_address=options.cluster_of(executor, whole.ray_address),
        typed=typed(whole, recipe.config),
        **more,
    )
    where = "on Ray" if executor == "ray" else counted(request.jobs, "process", "processes")
    lines = [f"{line}; {where}"]
    taken = hints.take_over(found.taken) if found.taken else ""
    if taken:
        lines.append(f"from the last run: {taken}")
    if found.left:
        lines.append(f"no longer, with this --config: {' '.join(f'--set {setting}' for setting in found.left)}")
    return request, Origin(lines, taken)
