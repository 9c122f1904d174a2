"""Aligns with MFA: all interviews of a batch at once, then separately the utterances that failed.

MFA exits without an error even if it could not align some utterances, and with one if it could align none or if a
single file broke it. So the first run covers the whole batch; if it fails, its halves are run, down to the
interview that causes the failure. Utterances without a result are aligned once more, each separately with a wide
beam; those that still have none keep the times of the ASR.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.acoustic_model.model import model_provenance
from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import corpus, dictionary, model_files, phone_sets, results, settings
from imigue_build.backends.alignment.mfa.corpus import Address, CorpusFile
from imigue_build.backends.alignment.mfa.mismatch import alignment_statistics, mismatches
from imigue_build.backends.alignment.mfa.results import TimedUtterance
from imigue_build.backends.alignment.mfa.word_times import aligned_words, unaligned_words
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.pronunciation_fit.pool import PronunciationFitPool
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import AlignFlag, Provenance, Utterance
from imigue_build.models import Located, locate
from imigue_build.store.disk import guarded

if TYPE_CHECKING:
    from pathlib import Path

    from imigue_build.backends.alignment.mfa.settings import MfaAlign

_STARTUP: Final = 600.0  # seconds that MFA may take in addition to the recordings' share

Results = dict[Address, TimedUtterance]


class MfaAligner:
    """Aligns with MFA, which is started anew for each batch and keeps nothing between them."""

    def __init__(self, config: MfaAlign) -> None:
        self._config = config
        self._fits = PronunciationFitPool(config.jobs)
        self._located: dict[str, Located] = {}

    def provenance(self) -> Provenance:
        """Versions of MFA and of the acoustic model that scores its alignments, and the models.

        Raises:
            BackendError: If MFA does not run, a model is missing or none, or the models do not belong together.
        """
        scorer = model_provenance()
        tools = scorer.tools | {"montreal-forced-aligner": tool.version(self._config.launcher)}
        return Provenance(tools, (*scorer.models, *(model.ref for model in self._models().values())))

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        """The aligned utterances of each task, or the error of that task.

        If MFA itself or a model is missing, or the models do not belong together, every task gets that error.
        """
        try:
            self._located = self._models()
            return self._align(batch)
        except ImigueError as error:
            return [error for _ in batch]

    def _align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        prepared = [corpus.interview(number, task, self._config.pad) for number, task in enumerate(batch)]
        corpus_files = [corpus_file for corpus_file, _ in prepared if corpus_file.segments]
        narrow, failures = self._attempt(corpus_files, wide=False)
        errors = {corpus_file.segments[0].task: error for corpus_file, error in failures}
        retried = [
            corpus.single(number, batch[number], index, self._config.pad)
            for number, (corpus_file, separate) in enumerate(prepared)
            if number not in errors
            for index in sorted(
                {*separate, *(index for segment in corpus_file.segments for _, index in segment.addresses)}
            )
            if (number, index) not in narrow
            and not corpus.is_too_short(batch[number].utterances[index], corpus_file.duration)
        ]
        wide, _ = self._attempt(retried, wide=True)
        aligned = [
            (number, task, utterance)
            for number, task in enumerate(batch)
            if number not in errors
            for utterance in _utterances(number, task, narrow, wide)
        ]
        scored = self._fits.with_pronunciation_fits([(task, utterance) for _, task, utterance in aligned])
        done: dict[int, list[Utterance]] = {number: [] for number in range(len(batch))}
        for (number, _, _), utterance in zip(aligned, scored, strict=True):
            done[number].append(utterance)
        return [errors[number] if number in errors else tuple(done[number]) for number in range(len(batch))]

    def _attempt(
        self, corpus_files: Sequence[CorpusFile], wide: bool
    ) -> tuple[Results, list[tuple[CorpusFile, BackendError]]]:
        """The results of a run, or of its halves if it fails; and the corpus files that cannot be run.

        Raises:
            SetupError: If no run can succeed.
        """
        if not corpus_files:
            return {}, []
        try:
            return self._run(corpus_files, wide), []
        except tool.SetupError:
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

    def _run(self, corpus_files: Sequence[CorpusFile], wide: bool) -> Results:
        """Runs MFA, and its G2P if needed, in private folders."""
        config = self._config
        minutes = sum(corpus_file.duration for corpus_file in corpus_files) / 60
        beams = (config.wide_beam, config.wide_retry_beam) if wide else (config.beam, config.retry_beam)
        with guarded("cannot prepare a run of MFA"), tool.fresh_folder() as folder:
            corpus.write(folder / "corpus", corpus_files)
            pronounced = self._write_dictionary(folder, corpus_files)
            tool.run(
                config.launcher,
                [
                    *("align", folder / "corpus", folder / "words.dict", self._path("acoustic"), folder / "aligned"),
                    *_common(folder, config.jobs),
                    *("--output_format", "long_textgrid", "--overwrite"),
                    *("--beam", str(beams[0]), "--retry_beam", str(beams[1])),
                ],
                folder / "root",
                _STARTUP + config.timeout * minutes,
            )
            return results.read(folder / "aligned", corpus_files, pronounced)

    def _write_dictionary(self, folder: Path, corpus_files: Sequence[CorpusFile]) -> frozenset[str]:
        """Writes `words.dict`, and returns the keys of the words that are in it."""
        wanted = {
            word.entry for corpus_file in corpus_files for segment in corpus_file.segments for word in segment.words
        }
        words = self._path("dictionary")
        phones = model_files.phones_of(self._path("acoustic"))
        found = phone_sets.fitted(words, dictionary.read(words, wanted), phones)
        guessed: dict[str, str] = {}
        unknown = [word for word in dictionary.unknown(found, wanted) if word.replace("'", "").isalpha()]
        if self._config.g2p_model and unknown:
            (folder / "unknown.txt").write_text("\n".join(unknown) + "\n", encoding="utf-8")
            tool.run(
                self._config.launcher,
                [
                    *("g2p", folder / "unknown.txt", self._path("g2p"), folder / "guessed.dict"),
                    *_common(folder, self._config.jobs),
                    *("--num_pronunciations", "1"),
                ],
                folder / "root",
                _STARTUP,
            )
            guessed = dictionary.read_guesses(folder / "guessed.dict")
        return dictionary.write(folder / "words.dict", found, wanted, guessed)

    def _path(self, kind: str) -> Path:
        return self._located[kind].path

    def _models(self) -> dict[str, Located]:
        """The models that the config names, by their kinds.

        Raises:
            BackendError: If one is missing or none, or they do not belong together.
        """
        found = {wanted.kind: locate(wanted) for wanted in settings.models(self._config)}
        g2p = found["g2p"].path if "g2p" in found else None
        phone_sets.check(found["acoustic"].path, found["dictionary"].path, g2p)
        return found


def _common(folder: Path, jobs: int) -> list[str | Path]:
    """Arguments of every MFA command: a temporary folder, and no database server."""
    return ["-t", folder / "temporary", "--clean", "--no_use_postgres", "-j", str(jobs)]


def _utterances(number: int, task: AlignmentTask, narrow: Results, wide: Results) -> tuple[Utterance, ...]:
    """An interview's utterances with the results of the narrow beam and the wide one."""
    by_narrow = {index: timed for (task_index, index), timed in narrow.items() if task_index == number}
    by_wide = {index: timed for (task_index, index), timed in wide.items() if task_index == number}
    suspects = _suspects(task, by_wide | by_narrow)
    utterances: list[Utterance] = []
    for index, utterance in enumerate(task.utterances):
        flags: tuple[AlignFlag, ...] = ("wide_beam",) if index in by_wide else ()
        flags += ("poor_fit",) if index in suspects else ()
        timed = by_narrow.get(index) or by_wide.get(index)
        utterances.append(_aligned(task, utterance, timed, flags) if timed else _unaligned(task, utterance))
    return tuple(utterances)


def _aligned(
    task: AlignmentTask, utterance: Utterance, timed: TimedUtterance, flags: tuple[AlignFlag, ...]
) -> Utterance:
    words = aligned_words(utterance.words, timed, task.audio)
    start, end = min(word.start for word in words), max(word.end for word in words)
    return Utterance(start, end, utterance.speaker, words, timed.quality, flags)


def _unaligned(task: AlignmentTask, utterance: Utterance) -> Utterance:
    """An utterance with its given times; flagged if it has spoken words."""
    if not utterance.words:
        return utterance
    duration = len(task.audio) / SAMPLE_RATE
    words = unaligned_words(utterance.words, duration)
    start, end = min(word.start for word in words), max(word.end for word in words)
    flags: tuple[AlignFlag, ...] = ()
    if any(corpus.corpus_words(0, utterance)):
        flags = ("too_short",) if corpus.is_too_short(utterance, duration) else ("unaligned",)
    return Utterance(start, end, utterance.speaker, words, flags=flags)


def _suspects(task: AlignmentTask, timed: dict[int, TimedUtterance]) -> set[int]:
    """The indices of the utterances that do not match their text."""
    suspects: set[int] = set()
    for speaker in {utterance.speaker for utterance in task.utterances}:
        own = [index for index in sorted(timed) if task.utterances[index].speaker == speaker]
        suspect = mismatches([alignment_statistics(timed[index]) for index in own])
        suspects |= {index for index, is_suspect in zip(own, suspect, strict=True) if is_suspect}
    return suspects
