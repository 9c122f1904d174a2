"""export: the folder of one interview in the release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from imigue_build.config import Export
from imigue_build.core.records import Alignment, Diarization, Provenance, Recording, Roles
from imigue_build.engine.stage import Done, Outcome, Task
from imigue_build.release.build.tools import provenance
from imigue_build.release.schema.provenance import RoleRule
from imigue_build.stages.common import (
    ALIGNMENT,
    AUDIO_44K,
    DIARIZATION,
    RECORDING,
    ROLES,
    ConfiguredStage,
    each,
    read_override,
    read_record,
    unfit,
)
from imigue_build.stages.roles import LONGEST, with_words


@dataclass(frozen=True)
class ExportStage(ConfiguredStage[Export]):
    """Segments, clips, TextGrids and tables of one interview; a release is assembled from these."""

    name: ClassVar[str] = "export"
    version: ClassVar[int] = 9
    inputs: ClassVar[tuple[str, ...]] = (
        f"extract/{AUDIO_44K}",
        f"extract/{RECORDING}",
        f"speakers/{DIARIZATION}",
        f"speakers/{ROLES}",
        f"align/{ALIGNMENT}",
    )

    def provenance(self) -> Provenance:
        return provenance()

    def open(self) -> ExportStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._export)

    def _export(self, task: Task) -> Done:
        from imigue_build.corpus.overrides import dropped_spans
        from imigue_build.release.build.interview import write_interview

        audio, recording, diarization, roles, alignment = (task.inputs[name] for name in self.inputs)
        facts = read_record(recording, Recording)
        speakers = read_record(diarization, Diarization)
        words = read_record(alignment, Alignment)
        who = with_words(read_record(roles, Roles), speakers, words)
        dropped = dropped_spans(read_override(task), facts.duration)
        corrections = (*speakers.corrections, *who.corrections, *words.corrections, *dropped.values())
        write_interview(
            task.out,
            task.video_id,
            audio,
            facts,
            words,
            speakers,
            who,
            self.config,
            tuple(dropped),
            corrections,
            None if who.rule == LONGEST or who.by_person else RoleRule(who.rule, who.by_time),
        )
        return Done(facts.duration, unfit(tuple(dropped.values())))
