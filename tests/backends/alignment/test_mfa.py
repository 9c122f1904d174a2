"""The MFA backend with MFA's stand-in: what it does with whatever MFA does."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import model_files, phone_sets
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.pronunciation_fit.pool import PronunciationFitPool
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Utterance
from tests.backends.alignment.mfa_fake import HARD, HOPELESS, PHONES, FakeMfa, installed, pack, task, utterance

META = json.dumps({"phones": PHONES})
MANY = [str(number) for number in range(10_001)]
OUTSIDE = "it holds a file that would lie outside of it, "


@pytest.fixture(autouse=True)
def no_pronunciation_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audio of these interviews is not speech, so it is not compared with its text."""
    monkeypatch.setattr(
        PronunciationFitPool, "with_pronunciation_fits", lambda self, aligned: [utterance for _, utterance in aligned]
    )


@pytest.fixture
def mfa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMfa:
    fake = installed(tmp_path)
    monkeypatch.setenv("FAKE_MFA_LOG", str(fake.log))
    monkeypatch.setenv("FAKE_MFA_HARD", "ZH")
    monkeypatch.setenv("FAKE_MFA_HOPELESS", "OY1")
    tool.version.cache_clear()
    return fake


def aligned(result: tuple[Utterance, ...] | ImigueError) -> tuple[Utterance, ...]:
    assert isinstance(result, tuple), result
    return result


def align(mfa: FakeMfa, *tasks: AlignmentTask) -> list[tuple[Utterance, ...]]:
    return [aligned(result) for result in mfa.aligner().align(tasks)]


def texts(utterances: tuple[Utterance, ...]) -> list[tuple[str, float | None]]:
    return [(word.word, word.confidence) for item in utterances for word in item.words]


# --- what comes back


def test_words_are_where_they_are_loud(mfa: FakeMfa) -> None:
    given = utterance("Hello, we played", 2.0, 3.0)
    ((found,),) = align(mfa, task(given))
    assert found.flags == ()
    assert found.start == pytest.approx(2.0, abs=0.02)
    assert found.end == pytest.approx(3.0, abs=0.02)
    assert [word.word for word in found.words] == ["Hello,", "we", "played"]
    assert all(word.aligned and word.confidence == 0.5 for word in found.words)
    assert [" ".join(phone.phone for phone in word.phones) for word in found.words] == [
        "HH AH0 L OW1",
        "W IY1",
        "P L EY1 D",
    ]
    assert found.quality is not None
    assert (found.quality.log_likelihood, found.quality.snr_db) == (-50.25, 12.25)


def test_phones_fill_their_word_and_words_do_not_overlap(mfa: FakeMfa) -> None:
    ((found,),) = align(mfa, task(utterance("we played 6-4, hello uh-huh that's us", 2.0, 5.0)))
    for word in found.words:
        assert (word.phones[0].start, word.phones[-1].end) == (word.start, word.end)
        assert all(first.end <= second.start + 1e-9 for first, second in pairwise(word.phones))
    assert all(first.end <= second.start + 1e-9 for first, second in pairwise(found.words))


@pytest.mark.parametrize(
    ("token", "phones"),
    [
        ("6-4,", "S IH1 K S F AO1 R"),
        ("uh-huh", "AH1 HH AH1"),
        ("That\u2019s", "DH AE1 T S"),
        ("(hello", "HH AH0 L OW1"),
        ("US", "AH1 S"),
        ("Zverev", "Z V EH1 R EH0 V"),
        ("yes'", "Y EH1 S"),
    ],
)
def test_what_a_token_is_made_of(mfa: FakeMfa, token: str, phones: str) -> None:
    ((found,),) = align(mfa, task(utterance(f"we {token} we", 2.0, 4.0)))
    assert [word.word for word in found.words] == ["we", token, "we"]
    assert " ".join(phone.phone for phone in found.words[1].phones) == phones


def test_a_token_without_sound_stays_between_its_neighbours(mfa: FakeMfa) -> None:
    ((found,),) = align(mfa, task(utterance("— we ... 😀 played —", 2.0, 4.0)))
    assert found.flags == ()
    assert [word.aligned for word in found.words] == [False, True, False, False, True, False]
    assert all(first.end <= second.start + 1e-9 for first, second in pairwise(found.words))


def test_nothing_spoken_is_no_failure(mfa: FakeMfa) -> None:
    silent, empty = utterance("— ...", 2.0, 3.0), Utterance(4.0, 4.0, "SPEAKER_00", ())
    assert align(mfa, task(silent, empty)) == [(silent, empty)]
    assert mfa.calls() == []


def test_several_speakers_who_overlap(mfa: FakeMfa) -> None:
    given = (
        utterance("we played", 1.0, 2.0, "SPEAKER_00"),
        utterance("that's six", 1.8, 3.0, "SPEAKER_01"),
        utterance("hello hello", 3.1, 4.0, "SPEAKER_00"),
    )
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [(), (), ()]
    assert [item.speaker for item in found] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert all(word.aligned for item in found for word in item.words)


def test_one_speaker_of_two_who_is_aligned(mfa: FakeMfa) -> None:
    """MFA then names no speaker in its tiers."""
    given = (
        utterance("we played", 1.0, 2.0, "SPEAKER_00"),
        utterance(f"{HOPELESS} six", 2.1, 3.0, "SPEAKER_01"),
        utterance("hello", 3.1, 4.0, "SPEAKER_00"),
    )
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [(), ("unaligned",), ()]


def test_utterances_of_one_speaker_that_overlap(mfa: FakeMfa) -> None:
    given = (
        utterance("we played six four hello", 1.0, 4.0),
        utterance("that's", 2.0, 2.6),
        utterance("uh huh", 3.9, 5.0),
    )
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [(), ("wide_beam",), ()]
    assert all(word.aligned for item in found for word in item.words)
    assert found[0].end <= found[2].start


def test_parts_of_one_stretch_of_speech(mfa: FakeMfa) -> None:
    """A speaker is interrupted by overlapping speech; one part alone would be too short."""
    given = (
        utterance("we played", 1.0, 2.0),
        utterance("yes", 1.7, 2.2, "SPEAKER_01"),
        utterance("six", 2.0, 2.05),
        utterance("four hello", 2.05, 3.0),
    )
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [()] * 4
    assert texts(found) == texts(given)
    own = [found[at] for at in (0, 2, 3)]
    assert all(word.aligned for item in own for word in item.words)
    assert all(first.end <= second.start + 1e-9 for first, second in pairwise(own))


def test_the_utterances_of_a_failed_segment_are_tried_separately(mfa: FakeMfa) -> None:
    given = (utterance("we played", 1.0, 2.0), utterance("six", 2.0, 2.05), utterance(HOPELESS, 2.05, 3.0))
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [("wide_beam",), ("too_short",), ("unaligned",)]


def test_an_utterance_at_the_recordings_end(mfa: FakeMfa) -> None:
    ((found,),) = align(mfa, task(utterance("we played", 9.0, 10.0)))
    assert found.flags == ()
    assert found.words[-1].end <= 10.0


@pytest.mark.parametrize(("start", "end"), [(9.0, 99.0), (-3.0, 1.0)])
def test_an_utterance_that_leaves_the_recording(mfa: FakeMfa, start: float, end: float) -> None:
    ((found,),) = align(mfa, task(utterance("we played hello", start, end)))
    assert all(0 <= word.start <= word.end <= 10.0 for word in found.words)


# --- what MFA fails at


def test_only_failures_are_retried_and_flagged(mfa: FakeMfa) -> None:
    given = (
        utterance("hello hello", 1.0, 2.0),
        utterance(f"a {HARD}", 2.2, 3.0),
        utterance("we played", 3.2, 4.0),
        utterance(f"the {HOPELESS}", 4.2, 5.0),
        utterance("we played " * 40, 5.2, 6.0),
        utterance("ouch", 6.2, 6.25),
        utterance("that's us", 7.0, 8.0),
    )
    (found,) = align(mfa, task(*given))
    assert [item.flags for item in found] == [
        (),
        ("wide_beam",),
        (),
        ("unaligned",),
        ("unaligned",),
        ("too_short",),
        (),
    ]
    assert texts(found) == texts(given)
    assert [item.words for item in found[3:6]] == [item.words for item in given[3:6]]
    assert all(word.aligned and word.phones for word in found[1].words)
    assert found[1].quality is not None and found[3].quality is None
    first, second = mfa.calls()
    assert [call["arguments"][-4:] for call in (first, second)] == [
        ["--beam", "10", "--retry_beam", "40"],
        ["--beam", "100", "--retry_beam", "400"],
    ]
    assert first["corpus"] == ["i0440.TextGrid", "i0440.wav"]
    assert second["corpus"] == [f"i0440_u0000{at}.{kind}" for at in (1, 3, 4) for kind in ("TextGrid", "wav")]


@pytest.mark.parametrize("variable", ["FAKE_MFA_NO_BLANK_ROWS", "FAKE_MFA_NO_TABLE"])
def test_failures_that_the_table_does_not_show(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    (found,) = align(mfa, task(utterance("hello", 1.0, 2.0), utterance(f"the {HOPELESS}", 4.2, 5.0)))
    assert [item.flags for item in found] == [(), ("unaligned",)]


def test_where_nothing_is_aligned_all_is_tried_again(mfa: FakeMfa) -> None:
    (found,) = align(mfa, task(utterance(HARD, 1.0, 2.0), utterance(f"the {HOPELESS}", 4.2, 5.0)))
    assert [item.flags for item in found] == [("wide_beam",), ("unaligned",)]
    (found,) = align(mfa, task(utterance(f"the {HOPELESS}", 4.2, 5.0)))
    assert [item.flags for item in found] == [("unaligned",)]


def test_a_bad_file_fails_only_its_interview(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_MFA_CORRUPT", "i0002.wav")
    given = utterance("we played", 1.0, 2.0)
    first, bad, third = mfa.aligner().align([task(given, video_id=name) for name in ("0001", "0002", "0003")])
    assert aligned(first) == aligned(third) == align(mfa, task(given))[0]
    assert isinstance(bad, BackendError)
    assert "SoundFileError: Reading" in str(bad) and "Format not recognised." in str(bad)


@pytest.mark.slow
def test_the_batch_does_not_change_the_result(mfa: FakeMfa) -> None:
    tasks = [
        task(utterance("we played", 1.0, 2.0), utterance(f"the {HOPELESS}", 4.2, 5.0), video_id="a-b_c"),
        task(utterance("hello", 1.0, 2.0), utterance(HARD, 4.2, 5.0, "SPEAKER_01"), video_id="a-b"),
        task(utterance("hello", 1.0, 2.0), utterance("unheard-of 2019", 4.2, 5.0), video_id="A_S00"),
    ]
    separately = [align(mfa, item)[0] for item in tasks]
    assert align(mfa, *tasks) == separately
    assert align(mfa, *reversed(tasks)) == separately[::-1]


def test_no_interview_no_run(mfa: FakeMfa) -> None:
    assert align(mfa) == []
    assert mfa.calls() == []


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.lists(
                st.one_of(
                    st.sampled_from(
                        ["hello", HARD, HOPELESS, "6-4", "'cause", "[laughs]", "<unk>", "US", "Kvitová", "—"]
                    ),
                    st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=6),
                ),
                max_size=5,
            ),
            st.floats(-1.0, 11.0),
            st.floats(0.0, 4.0),
            st.sampled_from(["SPEAKER_00", "SPEAKER_01"]),
        ),
        max_size=5,
    )
)
def test_no_word_is_ever_lost(mfa: FakeMfa, drawn: list[tuple[list[str], float, float, str]]) -> None:
    given = tuple(utterance(" ".join(words), start, start + length, who) for words, start, length, who in drawn)
    (found,) = align(mfa, task(*given))
    assert texts(found) == texts(given)
    for item, before in zip(found, given, strict=True):
        assert item.speaker == before.speaker
        assert all(0 <= word.start <= word.end <= 10.0 for word in item.words)
        assert len(item.flags) <= 1 or item.flags == ("wide_beam", "poor_fit")


# --- words that no dictionary holds


def test_a_g2p_model_pronounces_unknown_words_all_at_once(mfa: FakeMfa) -> None:
    tasks = [task(utterance("hello Kvat", 1.0, 2.0)), task(utterance("Zuzu kvat Kvitová 42", 1.0, 3.0), video_id="2")]
    aligner = mfa.aligner(g2p_model=str(mfa.folder / "g2p.zip"))
    first, second = map(aligned, aligner.align(tasks))
    assert [phone.phone for phone in first[0].words[1].phones] == ["T", "T", "AA1", "T"]
    assert [phone.phone for phone in second[0].words[1].phones] == ["T", "T", "AA1", "T"]
    by_rule = [phone.phone for phone in second[0].words[2].phones]
    assert by_rule and by_rule[0] == "K"
    (call,) = mfa.calls("g2p")
    assert Path(call["arguments"][2]) == mfa.folder / "g2p.zip"


def test_without_unknown_words_no_g2p_is_run(mfa: FakeMfa) -> None:
    mfa.aligner(g2p_model=str(mfa.folder / "g2p.zip")).align([task(utterance("hello", 1.0, 2.0))])
    assert mfa.calls("g2p") == []


def test_a_word_that_cannot_be_pronounced_keeps_its_time(mfa: FakeMfa) -> None:
    """MFA places it as noise; the words around it are aligned."""
    (mfa.folder / "english.dict").write_text("hello h \u0259 l o\u028a\n", encoding="utf-8")
    pack(mfa.folder / "model.zip", ["h", "\u0259", "l", "o\u028a"])
    alone = utterance("Kvitov\u00e1", 4.0, 5.0)
    given = utterance("hello Kvitov\u00e1 hello", 1.0, 2.5)
    (found, other) = align(mfa, task(given, alone))[0]
    assert found.flags == ()
    assert [word.aligned for word in found.words] == [True, False, True]
    assert [len(word.phones) for word in found.words] == [4, 0, 4]
    assert found.words[1].end <= found.words[2].start
    assert (other.flags, other.words) == (("unaligned",), alone.words)


# --- models that do not belong together


def other_phones(mfa: FakeMfa, part: float) -> None:
    """A model without stress, whose phones are not those of so much of the dictionary."""
    plain = [phone.rstrip("012") for phone in PHONES]
    text = "".join(f"word{at} {'AH0 L' if at < 100 * part else 'L L'}\n" for at in range(100))
    (mfa.folder / "english.dict").write_text(text + "we W IY1\nplayed P L EY1 D\n", encoding="utf-8")
    pack(mfa.folder / "model.zip", plain)


def test_a_dictionary_of_another_phone_set_is_not_run(mfa: FakeMfa) -> None:
    other_phones(mfa, 0.9)
    said = (
        "english.dict has other phones than the acoustic model: AH0, EY1, IY1 (in 92 of 102 pronunciations), but "
        "the model has AA, AE, AH"
    )
    results = mfa.aligner().align([task(utterance("we played", 1.0, 2.0))] * 2)
    assert all(said in str(result) and "align.dictionary" in str(result) for result in results)
    with pytest.raises(BackendError, match="has other phones than the acoustic model"):
        mfa.aligner().provenance()
    assert mfa.calls() == []


def test_a_g2p_model_of_another_phone_set_is_not_run(mfa: FakeMfa) -> None:
    other = pack(mfa.folder / "g2p.zip", ["a", "b"], "model.fst")
    with pytest.raises(BackendError, match=r"the G2P model .* has other phones .*: a, b; the acoustic model has AA0"):
        mfa.aligner(g2p_model=str(other)).provenance()


def test_few_words_with_other_phones_are_pronounced_with_the_models(mfa: FakeMfa) -> None:
    other_phones(mfa, 0.1)
    ((found,),) = align(mfa, task(utterance("we played", 1.0, 2.0)))
    assert [" ".join(phone.phone for phone in word.phones) for word in found.words] == ["W IY", "P L EY D"]


def test_pronunciations_that_mfa_ignores_are_no_alignment(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a model that does not have the phones that it lists: MFA warns, and takes the words for noise."""
    monkeypatch.setattr(phone_sets, "fitted", lambda path, found, model: found)
    monkeypatch.setattr(phone_sets, "check", lambda *paths: "")
    other_phones(mfa, 0.1)
    one = task(utterance("we", 1.0, 2.0))
    results = mfa.aligner().align([one, one])
    assert all("MFA ignored 1 pronunciations whose phones the acoustic model lacks" in str(one) for one in results)
    assert len(mfa.calls()) == 1


@pytest.mark.parametrize(
    ("kind", "content", "fault"),
    [
        ("acoustic_model", b"not an archive", "is no acoustic model of MFA (it is no ZIP archive)"),
        ("acoustic_model", b"", "is no acoustic model of MFA (it is no ZIP archive)"),
        ("g2p_model", b"not an archive", "is no G2P model of MFA (it is no ZIP archive)"),
        ("dictionary", b"", "is no dictionary of MFA (it has no pronunciations)"),
        ("dictionary", b"word\n\n", "is no dictionary of MFA (it has no pronunciations)"),
        ("dictionary", b"\xff\xfe", "is no dictionary of MFA (it is no text in UTF-8)"),
    ],
)
def test_a_file_that_is_no_model_is_not_run(mfa: FakeMfa, kind: str, content: bytes, fault: str) -> None:
    path = mfa.folder / "other.zip"
    path.write_bytes(content)
    aligner = mfa.aligner(**{kind: str(path)})
    for result in aligner.align([task(utterance("we", 1.0, 2.0))] * 2):
        assert fault in str(result) and f"align.{kind}" in str(result)
    with pytest.raises(BackendError, match=re.escape(fault)):
        aligner.provenance()
    assert mfa.calls() == []


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"meta.json": '{"phones": ["AA"]}'}, "it holds no final.mdl"),
        ({"final.mdl": "x"}, "it holds no meta.json"),
        ({"final.mdl": "x", "meta.json": "{"}, "its meta.json lists no phones"),
        ({"final.mdl": "x", "meta.json": '{"phones": []}'}, "its meta.json lists no phones"),
        ({"final.mdl": "x", "meta.json": '{"phones": ["A", "\\u001b[2J"]}'}, "its meta.json lists no phones"),
        ({"final.mdl": "x", "meta.json": " " * (1 << 21)}, "its meta.json lists no phones"),
        ({"final.mdl": "x", "meta.json": META, "../../evil": ""}, f"{OUTSIDE}'../../evil'"),
        ({"final.mdl": "x", "meta.json": META, "/etc/evil": ""}, f"{OUTSIDE}'/etc/evil'"),
        ({"final.mdl": "x", "meta.json": META, "C:evil": ""}, f"{OUTSIDE}'C:evil'"),
        (
            {"final.mdl": "x", "meta.json": META} | dict.fromkeys(map(str, range(10_001)), ""),
            "it would unpack to 10003 ",
        ),
    ],
)
def test_what_an_acoustic_model_holds(mfa: FakeMfa, files: dict[str, str], fault: str) -> None:
    with zipfile.ZipFile(mfa.folder / "model.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    with pytest.raises(BackendError, match=re.escape(f"is no acoustic model of MFA ({fault}")):
        mfa.aligner().provenance()


def test_an_archive_that_would_fill_the_disk(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(mfa.folder / "model.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("final.mdl", bytes(2 << 20))
        archive.writestr("meta.json", META)
    with pytest.raises(BackendError, match=r"it would unpack to 2 files of 0\.0 GB"):
        mfa.aligner().provenance()


@pytest.mark.parametrize("kind", ["acoustic_model", "g2p_model", "dictionary"])
def test_what_is_no_file_is_not_waited_for(mfa: FakeMfa, kind: str) -> None:
    """A pipe, and a link to a device that never ends."""
    os.mkfifo(mfa.folder / "pipe")
    (mfa.folder / "endless").symlink_to("/dev/zero")
    for name in ("pipe", "endless"):
        with pytest.raises(BackendError, match=f"{name} is no "):
            mfa.aligner(**{kind: str(mfa.folder / name)}).provenance()


def test_an_unpacked_model_will_do(mfa: FakeMfa) -> None:
    folder = mfa.folder / "unpacked"
    folder.mkdir()
    (folder / "final.mdl").touch()
    (folder / "meta.json").write_text(json.dumps({"phones": PHONES}))
    assert len(mfa.aligner(acoustic_model=str(folder)).provenance().models) == 3


# --- how MFA is run


def test_a_run_has_what_is_its_own_and_leaves_nothing(
    mfa: FakeMfa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    given = task(utterance("we played", 1.0, 2.0))
    align(mfa, given)
    align(mfa, given)
    one, two = mfa.calls()
    assert one["arguments"][1] != two["arguments"][1]
    for call in (one, two):
        arguments = call["arguments"]
        own = Path(arguments[1]).parent
        assert own.parent == folder
        assert Path(arguments[arguments.index("-t") + 1]).is_relative_to(own)
        assert Path(call["environment"]["MFA_ROOT_DIR"]).is_relative_to(own)
        assert {"--clean", "--no_use_postgres"} <= set(arguments)
        assert "--single_speaker" not in arguments
    assert list(folder.iterdir()) == []
    monkeypatch.setenv("FAKE_MFA_TROUBLE", "silent")
    (failed,) = mfa.aligner().align([given])
    assert isinstance(failed, BackendError)
    assert "exit status 1, and no message" in str(failed)
    assert list(folder.iterdir()) == []


def test_no_secret_is_passed_on(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD"):
        monkeypatch.setenv(name, "s3cret-value")
    monkeypatch.setenv("MFA_PROFILE", "mine")
    align(mfa, task(utterance("we played", 1.0, 2.0)))
    mfa.aligner().provenance()
    assert "s3cret-value" not in mfa.log.read_text()
    assert "MFA_PROFILE" not in mfa.log.read_text()


def test_a_launcher_with_its_path_finds_the_programs_beside_it(mfa: FakeMfa) -> None:
    align(mfa, task(utterance("we played", 1.0, 2.0)))
    (call,) = mfa.calls()
    assert call["environment"]["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_the_corpus_names_no_word_of_ours(mfa: FakeMfa) -> None:
    align(mfa, task(utterance("[laughs] 'cause don't", 1.0, 2.0), utterance("words", 3.0, 4.0, "phones")))
    (call,) = mfa.calls()
    grid = call["grids"]["i0440"]
    assert 'name = "i0440_S00"' in grid and 'name = "i0440_S01"' in grid
    assert not any(text in grid for text in ("laugh", "cause", "don", '"words"', "phones"))


@pytest.mark.slow
def test_a_timeout_ends_mfa_and_its_children(mfa: FakeMfa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imigue_build.backends.alignment.mfa.aligner._STARTUP", 4.0)
    monkeypatch.setenv("FAKE_MFA_TROUBLE", "hang")
    monkeypatch.setenv("FAKE_MFA_PIDS", str(tmp_path / "pids"))
    started = time.monotonic()
    (failed,) = mfa.aligner(timeout=0.001).align([task(utterance("we played", 1.0, 2.0))])
    assert isinstance(failed, BackendError)
    assert "MFA did not finish within" in str(failed) and "align.timeout" in str(failed)
    assert "perhaps as one of its processes was killed (last output: " in str(failed)
    assert time.monotonic() - started < 30
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        for _ in range(100):
            if not _runs(pid):
                break
            time.sleep(0.05)
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process is there and is not merely waiting to be waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- what may be missing


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("import", "No module named '_kalpy'"),
        ("kaldi", "Could not find 'gmm-align-compiled'"),
        ("sqlite", "No such file or directory: 'sqlite3'"),
        ("conda", "Not a conda environment"),
    ],
)
def test_a_part_of_mfa_that_is_missing(
    mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch, trouble: str, message: str
) -> None:
    monkeypatch.setenv("FAKE_MFA_TROUBLE", trouble)
    one = task(utterance("we played", 1.0, 2.0))
    results = mfa.aligner().align([one, one])
    assert all(isinstance(result, tool.MfaMissingError) for result in results)
    assert message in str(results[0]) and "configs/mfa-environment.yml" in str(results[0])
    assert len(mfa.calls()) == 1


def test_a_launcher_that_is_not_there(mfa: FakeMfa) -> None:
    aligner = mfa.aligner(launcher=("no-such-mfa",))
    (result,) = aligner.align([task(utterance("we played", 1.0, 2.0))])
    assert isinstance(result, BackendError)
    assert "cannot be started (no-such-mfa: No such file or directory)" in str(result)
    with pytest.raises(BackendError, match="cannot be started"):
        aligner.provenance()


@pytest.mark.parametrize("name", ["acoustic_model", "dictionary", "g2p_model"])
def test_a_model_that_is_not_there(mfa: FakeMfa, name: str) -> None:
    aligner = mfa.aligner(**{name: "/no/such/model"})
    (result,) = aligner.align([task(utterance("we played", 1.0, 2.0))])
    assert isinstance(result, BackendError)
    assert "/no/such/model" in str(result)
    with pytest.raises(BackendError, match="/no/such/model"):
        aligner.provenance()


def test_models_that_mfa_does_not_take_are_tried_once(mfa: FakeMfa) -> None:
    other = pack(mfa.folder / "model.tar", PHONES)
    one = task(utterance("we played", 1.0, 2.0))
    results = mfa.aligner(acoustic_model=str(other)).align([one, one, one])
    assert all("check that align.acoustic_model" in str(result) for result in results)
    assert len(mfa.calls()) == 1


def test_a_disk_that_cannot_be_written(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    (result,) = mfa.aligner().align([task(utterance("we played", 1.0, 2.0))])
    assert isinstance(result, ImigueError)
    assert "cannot prepare a run of MFA: no such file or directory" in str(result)


def test_a_crash_says_how_it_ended(mfa: FakeMfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_MFA_TROUBLE", "crash")
    (result,) = mfa.aligner().align([task(utterance("we played", 1.0, 2.0))])
    assert isinstance(result, BackendError)
    assert "MFA crashed (signal 11" in str(result)


def test_provenance_names_mfa_and_its_models(mfa: FakeMfa) -> None:
    found = mfa.aligner(g2p_model=str(mfa.folder / "g2p.zip")).provenance()
    assert found.tools["montreal-forced-aligner"] == "3.4.3"
    assert [(model.name, len(model.sha256 or "")) for model in found.models] == [
        ("pocketsphinx en-us acoustic and dictionary", 64),
        ("acoustic (local)", 64),
        ("dictionary (local)", 64),
        ("g2p (local)", 64),
    ]
    mfa.aligner().provenance()
    assert len(mfa.calls("version")) == 1


def test_the_audio_that_mfa_gets_is_the_recordings(mfa: FakeMfa) -> None:
    """A recording without a sample, and one of silence."""
    nothing = AlignmentTask("0001", "en", np.zeros(0, dtype=np.int16), (utterance("hello", 1.0, 2.0),))
    silence = AlignmentTask("0002", "en", np.zeros(SAMPLE_RATE, dtype=np.int16), (utterance("hello", 0.2, 0.8),))
    (first,), (second,) = align(mfa, nothing, silence)
    assert first.flags == ("too_short",)
    assert [(word.start, word.end) for word in first.words] == [(0.0, 0.0)]
    assert second.flags == ()
