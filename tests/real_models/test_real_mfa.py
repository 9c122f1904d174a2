"""The MFA backend with a real MFA: it trains a small acoustic model on some interviews and aligns another one.

MFA can be installed with conda alone, so this was not run where it was written. It runs where
`mfa version` works (or what `IMIGUE_MFA_LAUNCHER` names, a line as a shell reads it) and
`IMIGUE_SHARED_DATA` names the reference recordings; elsewhere it is skipped and says why. It takes
some minutes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import corpus, dictionary
from imigue_build.backends.alignment.mfa.aligner import MfaAligner
from imigue_build.backends.alignment.mfa.settings import MfaAlign
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, Utterance, Word
from imigue_build.stages.attribution import utterances

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

pytestmark = pytest.mark.models

TRAINED_ON = ("0001", "0002", "0003", "0005", "0006")
HELD_OUT = "0004"
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
BOGUS = "seventeen purple elephants juggled marmalade behind Vladivostok yesterday evening without umbrellas"


@dataclass(frozen=True)
class Mfa:
    """MFA with the model that was trained for this test."""

    aligner: MfaAligner
    shared: Path


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
    tasks = {name: interview(Path(shared), name) for name in (*TRAINED_ON, HELD_OUT)}
    _train(folder, [tasks[name] for name in TRAINED_ON], list(tasks.values()), words)
    config = MfaAlign(
        backend="mfa",
        launcher=LAUNCHER,
        acoustic_model=str(folder / "model.zip"),
        dictionary=str(words),
        jobs=2,
    )
    return Mfa(MfaAligner(config), Path(shared))


def interview(shared: Path, name: str) -> AlignmentTask:
    """An interview with its true words and speakers, as the align stage groups them."""
    truth = json.loads((shared / "interviews" / f"{name}.json").read_text(encoding="utf-8"))["words"]
    words = [Word(word["start"], word["end"], word["word"]) for word in truth]
    grouped = utterances([(word, one["speaker"]) for word, one in zip(words, truth, strict=True)], 0.5, 20.0)
    return AlignmentTask(name, "en", _heard(shared / "interviews" / f"{name}.mp4"), grouped)


def test_words_are_where_people_put_them(mfa: Mfa) -> None:
    task = interview(mfa.shared, HELD_OUT)
    (found,) = mfa.aligner.align([task])
    assert isinstance(found, tuple), found
    pairs = [
        (before, after)
        for old, new in zip(task.utterances, found, strict=True)
        for before, after in zip(old.words, new.words, strict=True)
    ]
    assert all(before.word == after.word for before, after in pairs)
    assert [one.flags for one in found] == [()] * len(found)
    assert all(after.aligned and after.phones for _, after in pairs)
    assert all(one.quality and one.quality.log_likelihood is not None for one in found)
    errors = [abs(a - b) for before, after in pairs for a, b in zip(_ends(before), _ends(after), strict=True)]
    within = sum(error <= 0.1 for error in errors) / len(errors)
    print(f"median {1000 * median(errors):.1f} ms, within 100 ms {within:.3f}")
    assert median(errors) <= 0.011
    assert within >= 0.97


def test_false_text_and_too_little_sound_are_flagged_alone(mfa: Mfa) -> None:
    task = interview(mfa.shared, HELD_OUT)
    longest = max(range(len(task.utterances)), key=lambda at: task.utterances[at].duration)
    shortest = min(range(len(task.utterances)), key=lambda at: task.utterances[at].duration)
    changed = list(task.utterances)
    changed[longest] = _saying(BOGUS, task.utterances[longest])
    changed[shortest] = _shortened(task.utterances[shortest])
    (found,) = mfa.aligner.align([task._replace(utterances=tuple(changed))])
    assert isinstance(found, tuple), found
    assert [[word.word for word in one.words] for one in found] == [
        [word.word for word in one.words] for one in changed
    ]
    assert {at for at, one in enumerate(found) if one.flags} == {longest, shortest}
    assert found[shortest].flags == ("too_short",)


def test_a_batch_is_aligned_as_each_of_it_alone(mfa: Mfa) -> None:
    tasks = [interview(mfa.shared, name) for name in (HELD_OUT, "0005")]
    together = mfa.aligner.align(tasks)
    for task, batched in zip(tasks, together, strict=True):
        (alone,) = mfa.aligner.align([task])
        assert isinstance(alone, tuple) and isinstance(batched, tuple), (alone, batched)
        assert [one.flags for one in alone] == [one.flags for one in batched]
        pairs = [
            pair for old, new in zip(alone, batched, strict=True) for pair in zip(old.words, new.words, strict=True)
        ]
        assert all(np.allclose(_ends(old), _ends(new), atol=0.021) for old, new in pairs)


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


def _train(folder: Path, tasks: list[AlignmentTask], all_tasks: list[AlignmentTask], words: Path) -> None:
    """Trains an acoustic model; its dictionary has the words of all interviews, for the phones that are in them."""
    corpus_files = [corpus.interview(number, task, pad=0.2)[0] for number, task in enumerate(tasks)]
    corpus.write(folder / "corpus", corpus_files)
    wanted = {
        word.entry for task in all_tasks for utterance in task.utterances for word in corpus.corpus_words(0, utterance)
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


def _heard(video: Path) -> Samples:
    arguments = ["-v", "error", "-i", str(video), "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    done = subprocess.run([str(find_ffmpeg()), *arguments], check=True, capture_output=True)
    return np.frombuffer(done.stdout, dtype="<i2")
