"""The aligner that runs MFA: all interviews of a batch at once, then alone what it failed at.

MFA ends without an error although it could not align some utterances, and with one where it could
align none or where a single file upset it. So the first run is over the whole batch, in halves
where it fails, down to the interview that is to blame; what has no result is tried once more,
each utterance alone, within a wide beam; and what still has none keeps the times of the ASR.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.acoustic_model.model import model_provenance
from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import corpus, dictionary, results
from imigue_build.backends.alignment.mfa.corpus import Address, CorpusFile
from imigue_build.backends.alignment.mfa.misfit import fitness, misfits
from imigue_build.backends.alignment.mfa.placement import placed_words, unplaced_words
from imigue_build.backends.alignment.mfa.results import Placed
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.pronunciation_fit.pool import PronunciationFitPool
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import AlignFlag, Provenance, Utterance
from imigue_build.models import Located, Wanted, locate
from imigue_build.store.disk import guarded

if TYPE_CHECKING:
    from pathlib import Path

    from imigue_build.config import MfaAlign
    from imigue_build.models import Kind

_START: Final = 600.0  # seconds that MFA may take beside the recordings' share

Found = dict[Address, Placed]


class MfaAligner:
    """Aligns with MFA, which is started anew for each batch and keeps nothing from one to the next."""

    def __init__(self, config: MfaAlign) -> None:
        self._config = config
        self._fits = PronunciationFitPool(config.jobs)

    def provenance(self) -> Provenance:
        """Versions of MFA and of what judges its work, and the models.

        Raises:
            BackendError: If MFA does not run or a model is missing.
        """
        judge = model_provenance()
        tools = judge.tools | {"montreal-forced-aligner": tool.version(self._config.launcher)}
        return Provenance(tools, (*judge.models, *(one.ref for one in self._models())))

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        """The utterances of each task with exact times, or the error that stopped that task alone.

        Where MFA itself is missing every task gets that error.
        """
        try:
            self._models()
            return self._align(batch)
        except ImigueError as error:
            return [error for _ in batch]

    def _align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        prepared = [corpus.interview(number, task, self._config.pad) for number, task in enumerate(batch)]
        corpus_files = [corpus_file for corpus_file, _ in prepared if corpus_file.segments]
        found, failed = self._attempt(corpus_files, wide=False)
        blamed = {corpus_file.segments[0].task: error for corpus_file, error in failed}
        again = [
            corpus.single(number, batch[number], at, self._config.pad)
            for number, (corpus_file, alone) in enumerate(prepared)
            if number not in blamed
            for at in sorted({*alone, *(at for segment in corpus_file.segments for _, at in segment.addresses)})
            if (number, at) not in found and not corpus.is_too_short(batch[number].utterances[at], corpus_file.duration)
        ]
        rescued, _ = self._attempt(again, wide=True)
        placed = [
            (number, task, utterance)
            for number, task in enumerate(batch)
            if number not in blamed
            for utterance in _utterances(number, task, found, rescued)
        ]
        checked = self._fits.with_pronunciation_fits([(task, utterance) for _, task, utterance in placed])
        done: dict[int, list[Utterance]] = {number: [] for number in range(len(batch))}
        for (number, _, _), utterance in zip(placed, checked, strict=True):
            done[number].append(utterance)
        return [blamed[number] if number in blamed else tuple(done[number]) for number in range(len(batch))]

    def _attempt(
        self, corpus_files: Sequence[CorpusFile], wide: bool
    ) -> tuple[Found, list[tuple[CorpusFile, BackendError]]]:
        """What a run finds; where one fails, what its halves find, and in the end the corpus_files that cannot be run.

        Raises:
            HopelessError: If no other run can succeed.
        """
        if not corpus_files:
            return {}, []
        try:
            return self._run(corpus_files, wide), []
        except tool.HopelessError:
            raise
        except tool.NothingAlignedError:
            return {}, []
        except BackendError as error:
            if len(corpus_files) == 1:
                return {}, [(corpus_files[0], error)]
        half = len(corpus_files) // 2
        found, failed = self._attempt(corpus_files[:half], wide)
        more_found, more_failed = self._attempt(corpus_files[half:], wide)
        return found | more_found, failed + more_failed

    def _run(self, corpus_files: Sequence[CorpusFile], wide: bool) -> Found:
        """One run of MFA, and of its G2P where it is needed, in folders that nobody else uses."""
        config = self._config
        minutes = sum(corpus_file.duration for corpus_file in corpus_files) / 60
        beams = (config.wide_beam, config.wide_retry_beam) if wide else (config.beam, config.retry_beam)
        with guarded("cannot prepare a run of MFA"), tool.fresh_folder() as folder:
            corpus.write(folder / "corpus", corpus_files)
            self._write_dictionary(folder, corpus_files)
            tool.run(
                config.launcher,
                [
                    *("align", folder / "corpus", folder / "words.dict", self._acoustic.path, folder / "aligned"),
                    *_common(folder, config.jobs),
                    *("--output_format", "long_textgrid", "--overwrite"),
                    *("--beam", str(beams[0]), "--retry_beam", str(beams[1])),
                ],
                folder / "root",
                _START + config.timeout * minutes,
            )
            return results.read(folder / "aligned", corpus_files)

    def _write_dictionary(self, folder: Path, corpus_files: Sequence[CorpusFile]) -> None:
        wanted = {
            spoken.entry
            for corpus_file in corpus_files
            for segment in corpus_file.segments
            for spoken in segment.spoken
        }
        found = dictionary.read(self._model("dictionary", self._config.dictionary).path, wanted)
        guessed: dict[str, str] = {}
        unknown = [word for word in dictionary.unknown(found, wanted) if word.replace("'", "").isalpha()]
        if self._config.g2p_model and unknown:
            (folder / "unknown.txt").write_text("\n".join(unknown) + "\n", encoding="utf-8")
            model = self._model("g2p", self._config.g2p_model)
            tool.run(
                self._config.launcher,
                [
                    *("g2p", folder / "unknown.txt", model.path, folder / "guessed.dict"),
                    *_common(folder, self._config.jobs),
                    *("--num_pronunciations", "1"),
                ],
                folder / "root",
                _START,
            )
            guessed = dictionary.read_guesses(folder / "guessed.dict")
        dictionary.write(folder / "words.dict", found, wanted, guessed)

    @property
    def _acoustic(self) -> Located:
        return self._model("acoustic", self._config.acoustic_model)

    def _models(self) -> list[Located]:
        """The models that the config names.

        Raises:
            BackendError: If one is missing.
        """
        config = self._config
        named: list[tuple[Kind, str | None]] = [
            ("acoustic", config.acoustic_model),
            ("dictionary", config.dictionary),
            ("g2p", config.g2p_model),
        ]
        return [self._model(kind, name) for kind, name in named if name]

    def _model(self, kind: Kind, name: str) -> Located:
        return locate(Wanted(kind, name))


def _common(folder: Path, jobs: int) -> list[str | Path]:
    """What every command of MFA gets: a temporary folder, and no data base server."""
    return ["-t", folder / "temporary", "--clean", "--no_use_postgres", "-j", str(jobs)]


def _utterances(number: int, task: AlignmentTask, found: Found, rescued: Found) -> tuple[Utterance, ...]:
    """An interview's utterances with what the narrow beam found, and the wide one."""
    narrow = {at: placed for (own, at), placed in found.items() if own == number}
    wide = {at: placed for (own, at), placed in rescued.items() if own == number}
    suspects = _suspects(task, wide | narrow)
    aligned: list[Utterance] = []
    for at, utterance in enumerate(task.utterances):
        flags: tuple[AlignFlag, ...] = ("wide_beam",) if at in wide else ()
        flags += ("poor_fit",) if at in suspects else ()
        placed = narrow.get(at) or wide.get(at)
        new = _aligned(task, utterance, placed, flags) if placed else _unaligned(task, utterance)
        aligned.append(new)
    return tuple(aligned)


def _aligned(task: AlignmentTask, utterance: Utterance, placed: Placed, flags: tuple[AlignFlag, ...]) -> Utterance:
    words = placed_words(utterance.words, placed, task.audio)
    start, end = min(word.start for word in words), max(word.end for word in words)
    return Utterance(start, end, utterance.speaker, words, placed.quality, flags)


def _unaligned(task: AlignmentTask, utterance: Utterance) -> Utterance:
    """An utterance with the times that it has; flagged where something is spoken in it."""
    if not utterance.words:
        return utterance
    duration = len(task.audio) / SAMPLE_RATE
    words = unplaced_words(utterance.words, duration)
    start, end = min(word.start for word in words), max(word.end for word in words)
    flags: tuple[AlignFlag, ...] = ()
    if any(corpus.spoken_in(0, utterance)):
        flags = ("too_short",) if corpus.is_too_short(utterance, duration) else ("unaligned",)
    return Utterance(start, end, utterance.speaker, words, flags=flags)


def _suspects(task: AlignmentTask, found: dict[int, Placed]) -> set[int]:
    """The indices of the utterances that do not sound like their text."""
    suspects: set[int] = set()
    for speaker in {utterance.speaker for utterance in task.utterances}:
        own = [at for at in sorted(found) if task.utterances[at].speaker == speaker]
        judged = misfits([fitness(found[at]) for at in own])
        suspects |= {at for at, is_misfit in zip(own, judged, strict=True) if is_misfit}
    return suspects
