"""The MFA backend with a real MFA: it trains a small acoustic model on sentences of eight speakers, and aligns others.

No text is both trained on and aligned (`held_out.py`, which has a test that needs no MFA).

MFA can be installed with conda alone, so this was not run where it was written. It runs where
`mfa version` works (or what `IMIGUE_MFA_LAUNCHER` names, a line as a shell reads it) and
`IMIGUE_SHARED_DATA` names the reference recordings; elsewhere it is skipped and says why. It takes
some minutes.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from msgspec.structs import replace

from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import corpus, dictionary
from imigue_build.backends.alignment.mfa.aligner import MfaAligner
from imigue_build.backends.alignment.mfa.settings import MfaAlign
from imigue_build.backends.base import AlignmentTask
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import AlignedWord, Utterance, Word
from tests.real_models.held_out import Sentence, recording, recordings, sentences, split

pytestmark = pytest.mark.models

HELD_OUT = 6
"""Sentences of each speaker who has enough of them; the aligner compares an utterance with four others at least."""
TRIALS = 12
LAUNCHER = tuple(shlex.split(os.environ.get("IMIGUE_MFA_LAUNCHER", "mfa")))
TRAINING = """\
training:
  - monophone:
      num_iterations: 40
      max_gaussians: 1000
  - triphone:
      num_iterations: 35
      num_leaves: 300
      max_gaussians: 3000
  - sat:
      num_iterations: 25
      num_leaves: 400
      max_gaussians: 4000
"""
UNSAID = (
    "seventeen purple elephants juggled marmalade behind Vladivostok yesterday evening without umbrellas",
    "grandmother quietly telephoned nobody about the broken harpsichord in her basement",
    "twenty hungry plumbers applauded the chocolate submarine underneath Kilimanjaro",
)


@dataclass(frozen=True)
class Mfa:
    """MFA with the model that was trained for this test, and sentences that it has not heard."""

    aligner: MfaAligner
    held_out: tuple[Sentence, ...]

    def altered(self, change: Callable[[Utterance, int], Utterance]) -> list[tuple[AlignmentTask, int]]:
        """Twelve recordings with one utterance changed in each, and the index of that utterance."""
        found = []
        for task in recordings(self.held_out):
            for index in range(0, len(task.utterances), 2 * len(task.utterances) // TRIALS):
                changed = list(task.utterances)
                changed[index] = change(changed[index], index)
                name = f"{task.video_id}-{index}"
                found.append((task._replace(video_id=name, utterances=tuple(changed)), index))
        return found


@pytest.fixture(scope="module")
def mfa(tmp_path_factory: pytest.TempPathFactory) -> Mfa:
    shared = os.environ.get("IMIGUE_SHARED_DATA")
    if not shared:
        pytest.skip("IMIGUE_SHARED_DATA names no folder of recordings")
    try:
        tool.version(LAUNCHER)
    except BackendError as error:
        pytest.skip(f"there is no MFA here ({error.what})")
    folder = tmp_path_factory.mktemp("mfa")
    words = folder / "english.dict"
    words.write_text(_cmudict(), encoding="utf-8")
    training, tested = split(sentences(Path(shared)), HELD_OUT)
    _train(folder, training, tested, words)
    config = MfaAlign(
        backend="mfa",
        launcher=LAUNCHER,
        acoustic_model=str(folder / "model.zip"),
        dictionary=str(words),
        jobs=2,
    )
    return Mfa(MfaAligner(config), tuple(tested))


def test_words_are_where_people_put_them(mfa: Mfa) -> None:
    tasks = recordings(mfa.held_out)
    pairs: list[tuple[Word, AlignedWord]] = []
    for task, found in zip(tasks, mfa.aligner.align(tasks), strict=True):
        assert isinstance(found, tuple), found
        assert _texts(found) == _texts(task.utterances), "a word is lost"
        assert [one.flags for one in found] == [()] * len(found)
        assert all(one.quality and one.quality.log_likelihood is not None for one in found)
        for old, new in zip(task.utterances, found, strict=True):
            pairs += zip(old.words, new.words, strict=True)
    assert all(after.aligned and after.phones for _, after in pairs)
    errors = [abs(a - b) for before, after in pairs for a, b in zip(_ends(before), _ends(after), strict=True)]
    within = sum(error <= 0.1 for error in errors) / len(errors)
    print(f"median {1000 * median(errors):.1f} ms, within 100 ms {within:.3f}")
    assert median(errors) <= 0.0125
    assert within >= 0.965


def test_text_that_nobody_says_is_flagged_alone(mfa: Mfa) -> None:
    altered = mfa.altered(lambda utterance, index: _saying(UNSAID[index // 2 % len(UNSAID)], utterance))
    assert len(altered) == TRIALS
    found = mfa.aligner.align([task for task, _ in altered])
    assert [_flagged(one) for one in found] == [[index] for _, index in altered]
    for (task, _), one in zip(altered, found, strict=True):
        assert isinstance(one, tuple) and _texts(one) == _texts(task.utterances)


def test_words_in_too_little_sound_are_flagged_alone(mfa: Mfa) -> None:
    altered = mfa.altered(lambda utterance, index: _shortened(utterance))
    assert len(altered) == TRIALS
    found = mfa.aligner.align([task for task, _ in altered])
    assert [_flagged(one) for one in found] == [[index] for _, index in altered]
    for (task, index), one in zip(altered, found, strict=True):
        assert isinstance(one, tuple) and _texts(one) == _texts(task.utterances)
        assert one[index].flags == ("too_short",)


def test_a_batch_is_aligned_as_each_of_it_alone(mfa: Mfa) -> None:
    tasks = recordings(mfa.held_out)
    together = mfa.aligner.align(tasks)
    for task, of_batch in zip(tasks, together, strict=True):
        (alone,) = mfa.aligner.align([task])
        assert isinstance(alone, tuple) and isinstance(of_batch, tuple), (alone, of_batch)
        assert [one.flags for one in alone] == [one.flags for one in of_batch]
        pairs = [
            pair for old, new in zip(alone, of_batch, strict=True) for pair in zip(old.words, new.words, strict=True)
        ]
        assert all(np.allclose(_ends(old), _ends(new), atol=0.021) for old, new in pairs)


def _texts(found: Iterable[Utterance]) -> list[list[str]]:
    return [[word.word for word in one.words] for one in found]


def _flagged(found: tuple[Utterance, ...] | ImigueError) -> list[int]:
    assert isinstance(found, tuple), found
    return [index for index, one in enumerate(found) if one.flags]


def _ends(word: Word) -> tuple[float, float]:
    return word.start, word.end


def _saying(text: str, utterance: Utterance) -> Utterance:
    """An utterance with other words, spread evenly over it."""
    tokens = text.split()
    edges = np.linspace(utterance.start, utterance.end, len(tokens) + 1)
    words = [AlignedWord(float(edges[at]), float(edges[at + 1]), token) for at, token in enumerate(tokens)]
    return replace(utterance, words=tuple(words))


def _shortened(utterance: Utterance) -> Utterance:
    """The first word of an utterance in 50 ms of sound."""
    word = utterance.words[0]
    return Utterance(
        word.start, word.start + 0.05, utterance.speaker, (AlignedWord(word.start, word.start + 0.05, word.word),)
    )


def _train(folder: Path, training: list[Sentence], tested: list[Sentence], words: Path) -> None:
    """Trains an acoustic model; its dictionary has the words that it is tested with as well, for all phones."""
    speakers = list(dict.fromkeys(one.speaker for one in training))
    tasks = [recording(speaker, [one for one in training if one.speaker == speaker]) for speaker in speakers]
    corpus.write(folder / "corpus", [corpus.interview(number, task, pad=0.2)[0] for number, task in enumerate(tasks)])
    spoken = [*tasks, recording("tested", tested)]
    wanted = {
        word.entry for task in spoken for utterance in task.utterances for word in corpus.corpus_words(0, utterance)
    }
    dictionary.write(folder / "words.dict", dictionary.read(words, wanted), wanted, {})
    (folder / "training.yaml").write_text(TRAINING, encoding="utf-8")
    arguments: list[str | Path] = [
        *("train", folder / "corpus", folder / "words.dict", folder / "model.zip"),
        *("--config_path", folder / "training.yaml", "-t", folder / "temporary"),
        *("--clean", "--overwrite", "--no_use_postgres", "-j", "2"),
    ]
    tool.run(LAUNCHER, arguments, folder / "root", timeout=3600)


def _cmudict() -> str:
    """pocketsphinx's dictionary in MFA's form."""
    from pocketsphinx import get_model_path

    lines = Path(get_model_path("en-us"), "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines()
    rows = (line.partition(" ") for line in lines)
    return "".join(f"{re.sub(r'[(][0-9]+[)]$', '', word)}\t{phones.strip()}\n" for word, _, phones in rows if phones)
