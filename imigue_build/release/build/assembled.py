"""What came of assembling the release."""

from __future__ import annotations

from dataclasses import dataclass, field

from imigue_build.release.build.edited import Edited


@dataclass(frozen=True)
class Assembled:
    """The outcome of an assembly.

    Attributes:
        changed: False where the release was up to date; then nothing was written.
        interviews: Ids of the interviews it holds, sorted.
        outdated: By id the stages that ran again since the interview's export, which therefore shows an earlier state.
        left_out: Interviews with an export that cannot be released, and why.
        edited: Files of the release before that somebody had edited; None where there was none.
        awaited: Interviews of the present release that other runs are still making; until then it is left as it is.
    """

    changed: bool
    interviews: list[str]
    outdated: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    edited: Edited | None = None
    awaited: list[str] = field(default_factory=list)
