"""The align stage: what a user gives it besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
from imigue_build.backends.configs import parse
from imigue_build.core.errors import ConfigError
from imigue_build.core.records import AlignedWord, AlignFlag, Alignment, Utterance
from imigue_build.stages.align import LEXICON, AlignStage, _warnings
from imigue_build.stages.transcribe import TranscribeStage


def test_without_a_lexicon_nothing_is_given() -> None:
    assert AlignStage(PocketsphinxAlign(backend="pocketsphinx")).given("0001") == {}


def test_a_lexicon_is_an_input_and_its_place_no_setting(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.csv"
    path.write_text("word,phones\nnovak,N OW V AA K\n")
    stage = AlignStage(PocketsphinxAlign(backend="pocketsphinx", lexicon=str(path)))
    assert stage.given("0001") == stage.given("0002")
    assert stage.given("0001")[LEXICON].path == path
    assert stage.settings() == AlignStage(PocketsphinxAlign(backend="pocketsphinx")).settings()
    assert stage.provenance().tools


@pytest.mark.parametrize("text", [None, "word,phones\nnovak,N OH\n"])
def test_its_faults_are_told_before_anything_runs(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "lexicon.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"lexicon\.csv"):
        AlignStage(PocketsphinxAlign(backend="pocketsphinx", lexicon=str(path))).provenance()


def test_what_may_load_a_model_on_a_gpu_takes_a_share_of_it(tmp_path: Path) -> None:
    rest = {"name": "test", "diarize": {"backend": "dvector"}, "align": {"backend": "pocketsphinx"}}
    whisper = {"backend": "whisperx", "device": "auto"}
    given = {"backend": "given", "folder": str(tmp_path), "asr": whisper}
    shares = [
        TranscribeStage(parse({**rest, "transcribe": section}, "test").transcribe).resources.gpu
        for section in (whisper, given, {**whisper, "device": "cpu"}, {"backend": "pocketsphinx"})
    ]
    assert shares[0] == shares[1] > 0.2 and shares[2:] == [0.0, 0.0]


def test_a_language_without_forced_alignment_is_reported_once() -> None:
    def utterance(start: float, *flags: AlignFlag) -> Utterance:
        return Utterance(start, start + 1, "SPEAKER_00", (AlignedWord(start, start + 1, "ja"),), flags=flags)

    german = Alignment("de", (utterance(1, "unaligned"), utterance(3, "unaligned")))
    assert _warnings(german) == ("no forced alignment in the language de: all words keep the ASR's times",)
    some = "1 of 2 utterances could not be aligned and keep the ASR's times: 1.0-2.0 s"
    assert _warnings(Alignment("en", (utterance(1, "unaligned"), utterance(3)))) == (some,)
    assert _warnings(Alignment("de", (utterance(1, "unaligned"), utterance(3)))) == (some,)
    assert _warnings(Alignment("de", ())) == ()
