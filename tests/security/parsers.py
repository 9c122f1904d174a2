"""Everything that reads files from outside, each with valid files to begin from; the fuzzers share it.

A target gets bytes, puts them where such a file lies, and reads it by the way that a command takes.
It may raise the package's own errors and nothing else.
"""

from __future__ import annotations

import pickle
import shutil
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from imigue_build.apps.convert.run import Request, convert
from imigue_build.apps.convert.split_file import read_splits
from imigue_build.apps.diff import diff
from imigue_build.apps.diff.page import page
from imigue_build.apps.gestures.clock import time_gestures
from imigue_build.apps.gestures.labels import read_gestures
from imigue_build.apps.gestures.speech import speech
from imigue_build.apps.review import review
from imigue_build.apps.scoring import reference
from imigue_build.apps.scoring.released import released
from imigue_build.backends.alignment.mfa import dictionary, model_files
from imigue_build.backends.configs import load
from imigue_build.backends.diarization.pyannote.settings import PIPELINE as PYANNOTE
from imigue_build.backends.speaker_embedding.weights import read_weights
from imigue_build.config import recipes
from imigue_build.core.errors import ImigueError, ReleaseError
from imigue_build.core.record_json import decode, encode
from imigue_build.core.records import (
    Alignment,
    ChannelBalance,
    Diarization,
    Provenance,
    Recording,
    Roles,
    Transcript,
    TranscriptSegment,
    Turn,
    Word,
)
from imigue_build.corpus import overrides
from imigue_build.corpus.annotations import plain, transcripts, turns
from imigue_build.corpus.labels import read_labels
from imigue_build.corpus.overrides.write import added
from imigue_build.models import pins
from imigue_build.pipeline.demo import DEMO
from imigue_build.release.build.target import check_replaceable
from imigue_build.release.reader import Interview, Release
from imigue_build.release.validate.run import validate
from imigue_build.store.completion import Identity
from imigue_build.store.workspace import COMPLETION, Workspace
from imigue_build.text.lexicon import read_lexicon
from tests.release.made import ALIGNMENT, diarization, recording
from tests.release.tiny_release import Content, TinyRelease, build

LONGEST_MESSAGE = 30_000
"""Characters; twenty faults of a few hundred each, with room."""
_VIDEO = "0001"
_TURNS = (Turn(0.1, 1.5, "SPEAKER_00"), Turn(1.2, 3.0, "SPEAKER_01"))

EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="t2"/>
<TIME_SLOT TIME_SLOT_ID="t3" TIME_VALUE="900"/></TIME_ORDER>
<TIER TIER_ID="Anna" LINGUISTIC_TYPE_REF="free" PARTICIPANT="Anna"><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2">
<ANNOTATION_VALUE>so &lt;it&gt;</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="t2" TIME_SLOT_REF2="t3">
<ANNOTATION_VALUE>was</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="w" LINGUISTIC_TYPE_REF="tokens" PARENT_REF="Anna"><ANNOTATION>
<REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1"><ANNOTATION_VALUE>so</ANNOTATION_VALUE></REF_ANNOTATION>
</ANNOTATION></TIER>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="tokens" CONSTRAINTS="Symbolic_Subdivision"/></ANNOTATION_DOCUMENT>
"""
WORD_TABLE = """video_id,start,end,word,speaker,score
0001,0.5,0.9,"so, ",A,0.5
0001,00:00:01.5,1.9,'=it,B,
"""
CONFIG = """name: mine
transcribe: {backend: pocketsphinx}
diarize: &d
  backend: dvector
  max_speakers: 2
align:
  backend: pocketsphinx
  pause: 0.4
export: {max_segment: 20.0, filters: {min_snr_db: 10.5, no_flags: [poor_fit]}}
"""
CORRECTIONS = """video_id: 0001
comment: heard by two people
num_speakers: 2
merge_speakers:
- [12.5, 80.2]
words:
- {at: 31.4, was: Joker, now: Djokovic}
- {at: 40, was: "6-4", now: ''}
roles:
- {voice: 12.5, role: interviewee}
- voice: SPEAKER_01
  role: interviewer
drop:
- {start: 61.5, end: 64, reason: a phone rings}
"""
GESTURES = """video_id,label_id,start_time,end_time,subject_gender,subject_nationality,win_or_lose
1,17,00:01.5,00:02.5,F,Spain,Win
1,3,00:04.0,00:05.5,F,Spain,Win
2,17,12.5,13.0,M,"Korea, Republic of",Lose
"""
LONG = """video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,win_or_lose
1,1,6.8553,171,9.8553,246,20,1,Win
1,2,10.0,250,11.5,287,99,1,Win
"""
CHALLENGE = "8,171,246\n32,300,310\n20,1,1\n"
RAW = "6.8553\t9.8553\t20.0\r\n10.5\t11.25\t99.0\r\n"
SHIELDED = """video_id,subject_gender,subject_nationality,win_or_lose
0001,F,'=HYPERLINK("x"),Win
0002,,'-,
"""
LEXICON = "word,phones\nDjokovic,JH OW1 K AH0 V IH0 CH\nDjokovic,JH AO K OW V IH K\n6-4,S IH K S F AO R\n"
WHISPERX = """{"segments": [{"start": 0.5, "end": 2.0, "text": " So, how was it?", "speaker": "SPEAKER_00",
 "words": [{"word": "So,", "start": 0.5, "end": 0.8, "score": 0.9}, {"word": "2019"},
           {"word": "it?", "start": 1.5, "end": 2.0, "score": 0.7, "speaker": "SPEAKER_01"}]}],
 "word_segments": [], "language": "en"}"""
WORDS = '{"words": [{"start": 0, "end": 0.5, "word": "Yes."}, {"start": 0.6, "end": 1.0, "word": "No", "score": 1}]}'
REFERENCE = """{"roles": {"a": "interviewee", "b": "interviewer"},
 "turns": [{"speaker": "a", "start": 0.5, "end": 2.0}],
 "segments": [{"start": 0.5, "end": 2.0, "speaker": "a", "text": "well yes"}],
 "phones": [{"start": 0.5, "end": 0.6, "phone": "W", "speaker": "a"}]}"""
TEDLIUM = (
    "0001 1 inter_segment_gap 0 0.5 <o,,> ignore_time_segment_in_scoring\n"
    "0001 1 Anna Maria 0.5 2.25 <o,f0,female> hello(2) { gonna / going to } %hesitation <unk> [laughter-yes]\n"
)
NIST = (
    "0001 1 * * <ALT_BEGIN>\n0001 1 0.5 .2 a 1 lex anna\n0001 1 * * <ALT>\n0001 1 1 1 b NA noise\n"
    "0001 1 * * <ALT_END>\n0001 1 3 1 hello(2) 0.5 lex ben\n"
)
NAMED = (
    "SPKR-INFO my show 1 <NA> <NA> <NA> adult Speaker 1 <NA>\n"
    "SPEAKER my show 1 0.500 1.750 <NA> <NA> Speaker 1 0.5 <NA>\nSPEAKER my show 1 3 1 <NA> <NA> <NA> <NA> <NA>\n"
)
STM = ";; a comment\n0001 1 anna 0.5 2.25 <o,f0,female> so how was it\n0001 1 ben 2.5 4.0 great\n0001 1 x 4 5\n"
CTM = "0001 A 0.50 0.25 so 0.98\n0001 A 0.75 0.20 how\n0001 A 1.00 0.30 was 1\n"
SRT = "1\n00:00:00,500 --> 00:00:02,250\n<i>So,</i> how {\\an8}was it?\n\n2\n00:01:02,5 --> 00:01:04,000\nGreat.\n"
VTT = "WEBVTT\n\nNOTE\n\n00:00.500 --> 00:02.250 line:1\n<v Anna>So, how <b>was</b></v>\n\n1:00:02.5 --> 1:00:04.0\n"
RTTM = "SPEAKER 0001 1 0.500 1.750 <NA> <NA> anna <NA> <NA>\nSPEAKER 0001 1 2.000 1.5 <NA> <NA> ben <NA> <NA>\n"
TEXT = "[00:01] Q. How was it?\nA. It was great, 6-4, 6-4.\nRAFAEL NADAL: Yes - I'm happy.\nQUESTION: And now?\n"
GRID = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "Anna - words"
        xmin = 0
        xmax = 3
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = "so ""x"""
        intervals [2]:
            xmin = 1.25
            xmax = 3
            text = ""
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 3
        points: size = 1
        points [1]:
            number = 1.5
            mark = "click"
'''
SHORT_GRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n3\n<exists>\n1\n"IntervalTier"\n"diarization"\n0\n3\n'
    '2\n0\n1.25\n"SPEAKER_00"\n1.25\n3\n"SPEAKER_01"\n'
)
MAUS_GRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n3\n<exists>\n4\n'
    '"IntervalTier" "ORT-MAU" 0 3 2 0 1.5E0 "so" 1.5 3 "<p:>"\n"IntervalTier" "MAU" 0 3 2 0 1 "s" 1 2 "@U"\n'
    '"IntervalTier" "Anna" 0 3 2 0 1.5 "so how" 1.5 3 "silent"\n"IntervalTier" "note@Anna" 0 3 1 0 3 "hm"\n'
)
PIPELINE = """version: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params: {segmentation: $model/segmentation, plda: $model/plda, embedding_batch_size: 32}
params: {clustering: {threshold: 0.6, Fa: 0.07}}
"""


def weights() -> bytes:
    """A checkpoint of PyTorch's first format with one matrix of 2 x 2."""
    state = (
        b"\x80\x02}X\x0b\x00\x00\x00model_state}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n("
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"
        b"K\x00K\x02K\x02\x86K\x02K\x01\x86\x89ccollections\nOrderedDict\n)RtRss."
    )
    head = b"".join(pickle.dumps(one, 2) for one in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    return head + state + pickle.dumps(["0"], 2) + struct.pack("<q4f", 4, 1.0, 2.0, 3.0, 4.0)


@dataclass(frozen=True)
class Target:
    """A reader: `read` gets a folder of its own, in which `file` holds the bytes."""

    file: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]
    prepare: Callable[[Path], object] = field(default=lambda folder: None)

    def run(self, folder: Path, data: bytes) -> str:
        """What it said of the bytes; nothing where it took them.

        Raises:
            AssertionError: If what it said is too long to be read.
        """
        if not folder.exists():
            folder.mkdir()
            self.prepare(folder)
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        try:
            self.read(folder)
        except ImigueError as error:
            said = str(error)
        else:
            return ""
        assert len(said) <= LONGEST_MESSAGE, f"a message of {len(said)} characters"
        return said


def targets(folder: Path) -> dict[str, Target]:
    """All of them by name; `folder` is for the files that some take their seeds from."""
    release = folder / "release"
    if not release.exists():
        build(release, Content())
    return {
        **_settings(),
        **_labels(),
        **_annotations(release),
        **_records(folder),
        **_released(release),
        **_converted(release),
    }


def _text(*seeds: str) -> tuple[bytes, ...]:
    return tuple(seed.encode() for seed in seeds)


def _settings() -> dict[str, Target]:
    packaged = tuple(path.read_bytes() for path in recipes().values())

    def setting(folder: Path) -> None:
        text = (folder / "setting.txt").read_bytes().decode("utf-8", "replace")
        load("embedded", [text if "=" in text else f"align.pause={text}"])

    return {
        "config": Target("c.yaml", (*packaged, *_text(CONFIG)), lambda folder: load(str(folder / "c.yaml"))),
        "setting": Target("setting.txt", _text("align.pause=0.4", "export.filters.no_flags=[poor_fit]"), setting),
        "corrections": Target("0001.yaml", _text(CORRECTIONS), _corrections),
        "pipeline": Target("config.yaml", _text(PIPELINE), lambda folder: PYANNOTE.parts(folder)),
        "pin": Target(
            "pin.json", _text('{"kind": "whisper", "name": "x/y", "revision": "a", "files": {"f": "0"}}'), _pin
        ),
        "acoustic": Target("model.zip", (_archive(),), _acoustic_model),
        "pronunciations": Target(
            "w.dict", _text("a 0.9\tAH0\nb B IY1\n"), lambda folder: dictionary.read(folder / "w.dict", ())
        ),
        "weights": Target("w.pt", (weights(),), lambda folder: read_weights(folder / "w.pt")),
    }


def _corrections(folder: Path) -> None:
    path = folder / "0001.yaml"
    override = overrides.read(path)
    text = added(path.read_text(encoding="utf-8"), {"words": [{"at": 1.5, "was": "a", "now": "b"}], "comment": "x"})
    again = overrides.parse(text, path)
    assert len(again.words) in (len(override.words), len(override.words) + 1)


def _pin(folder: Path) -> None:
    with mock.patch.object(pins, "_place", return_value=folder / "pin.json"):
        pins.read("whisper", "x/y", None)


def _acoustic_model(folder: Path) -> None:
    model_files.version_of(folder / "model.zip")
    model_files.check("acoustic", folder / "model.zip")


def _archive() -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(held := io.BytesIO(), "w") as archive:
        archive.writestr("model/meta.json", '{"version": "3.0.0", "phones": ["AA", "B"]}')
        archive.writestr("model/final.mdl", "x")
    return held.getvalue()


def _labels() -> dict[str, Target]:
    table = (DEMO / "labels.csv").read_bytes()
    seeds = (table, *_text(GESTURES, SHIELDED))
    return {
        "labels": Target("labels.csv", seeds, lambda folder: read_labels(folder / "labels.csv")),
        "gestures": Target("0001_label.csv", _text(LONG, CHALLENGE), partial(_gestures, "0001_label.csv")),
        "raw gestures": Target("0001.txt", _text(RAW), partial(_gestures, "0001.txt")),
        "lexicon": Target("lexicon.csv", _text(LEXICON), lambda folder: read_lexicon(folder / "lexicon.csv")),
    }


def _gestures(name: str, folder: Path) -> None:
    """As a user's one table, and put on a recording's clock."""
    for rows in read_gestures(folder / name).rows.values():
        time_gestures(rows, 60.0)


def _annotations(release: Path) -> dict[str, Target]:
    def both(folder: Path, name: str) -> None:
        with suppress(ImigueError):
            turns.read_turns(folder / name, _VIDEO, 60.0)
        transcripts.read_segments(folder / name, _VIDEO)

    def transcript(name: str) -> Callable[[Path], object]:
        return lambda folder: transcripts.read_segments(folder / name, _VIDEO)

    grids = tuple(path.read_bytes() for path in sorted(release.glob("*/*.TextGrid")))[:2]
    grids = (*grids, *_text(GRID, SHORT_GRID, MAUS_GRID), GRID.encode("utf-16"))
    rttms = (*(path.read_bytes() for path in sorted(release.glob("*/*.rttm"))[:1]), *_text(RTTM, NAMED))
    return {
        "json": Target("a.json", _text(WHISPERX, WORDS, REFERENCE), transcript("a.json")),
        "textgrid": Target("a.TextGrid", grids, lambda folder: both(folder, "a.TextGrid")),
        "stm": Target("a.stm", _text(STM, TEDLIUM), lambda folder: both(folder, "a.stm")),
        "ctm": Target("a.ctm", _text(CTM, NIST), transcript("a.ctm")),
        "elan": Target("a.eaf", _text(EAF), lambda folder: both(folder, "a.eaf")),
        "word table": Target("a.csv", _text(WORD_TABLE), lambda folder: both(folder, "a.csv")),
        "srt": Target("a.srt", _text(SRT), transcript("a.srt")),
        "vtt": Target("a.vtt", _text(VTT), transcript("a.vtt")),
        "rttm": Target("a.rttm", rttms, lambda folder: turns.read_turns(folder / "a.rttm", _VIDEO, 60.0)),
        "text": Target("a.txt", _text(TEXT), lambda folder: plain.read_tokens(folder / "a.txt")),
        "reference": Target(
            "0001.json", _text(REFERENCE, WHISPERX), lambda folder: reference.read([folder / "0001.json"], _VIDEO)
        ),
        "reference grid": Target(
            "0001.TextGrid", grids, lambda folder: reference.read([folder / "0001.TextGrid"], _VIDEO)
        ),
    }


def _records(folder: Path) -> dict[str, Target]:
    said = Transcript("en", (TranscriptSegment(0.0, 1.0, (Word(0.0, 0.5, "Yes."), Word(0.5, 1.0, "No.", 0.25)), 0.5),))
    roles = Roles({"SPEAKER_00": "interviewee"}, 0.75, "longest-speaking-time", {"SPEAKER_00": 1.0})
    seeds = tuple(encode(one) for one in (said, diarization(_TURNS), ALIGNMENT, recording(3.0), roles))

    def records(place: Path) -> None:
        data = (place / "record.json").read_bytes()
        for kind in (Transcript, Diarization, Alignment, ChannelBalance, Recording, Roles):
            with suppress(ValueError):  # what `decode` says of it; its callers name the file
                decode(data, kind)

    work = Workspace(folder / "work")
    if not work.root.exists():
        work.prepare()
        staged = work.stage_folder(_VIDEO, "align")
        (staged / "alignment.json").write_bytes(encode(ALIGNMENT))
        work.publish(
            staged, _VIDEO, Identity("align", 1, {"video": "a" * 64}, {"x": 1.5}, Provenance({"t": "1"})), 1.0, 2.0, ()
        )
    file = f"{_VIDEO}/align/{COMPLETION}"

    def completion(place: Path) -> None:
        found = Workspace(place / "work")
        found.open()
        for done in (found.completion(_VIDEO, "align"),):
            if done is not None:
                found.damage(done, verify=True)

    def copied(place: Path) -> None:
        shutil.copytree(work.root, place / "work")

    return {
        "records": Target("record.json", seeds, records),
        "completion": Target(f"work/{file}", ((work.root / file).read_bytes(),), completion, copied),
    }


def _released(release: Path) -> dict[str, Target]:
    def look(folder: Path) -> None:
        root = folder / "release"
        faults = validate(root)
        assert all(len(fault.message) <= LONGEST_MESSAGE for fault in faults)
        said = [_attempt(lambda: review(root)), _attempt(lambda: check_replaceable(root, [_VIDEO, "0002"]))]
        opened = Release.open(root)
        for interview in opened.interviews():
            said += [_attempt(partial(released, interview, phones=True)), _attempt(partial(speech, interview))]
            said.append(_attempt(partial(_all_files, interview)))
        said += [_attempt(lambda: opened.labels), _attempt(lambda: opened.sums)]
        said.append(_attempt(lambda: _compare(release, root)))
        if any(said):
            raise ImigueError("; ".join(said))

    def copied(folder: Path) -> None:
        shutil.copytree(release, folder / "release")

    names = ["manifest.jsonl", "provenance.json", "labels.csv", "SHA256SUMS", "README.md"]
    names += [str(path.relative_to(release)) for path in sorted(release.glob("0001/0001.*"))]
    return {
        f"release {Path(name).name}": Target(f"release/{name}", ((release / name).read_bytes(),), look, copied)
        for name in names
        if not name.endswith(".wav")
    }


def _all_files(interview: Interview) -> None:
    """Reads what `speech` and `released` do not."""
    for _ in (interview.exclusive, interview.word_grid, interview.samples()):
        pass
    interview.check_clips()


def _compare(whole: Path, changed: Path) -> None:
    """Compares them as they are; then with true sums, so that what was changed is read."""
    with suppress(ImigueError):
        diff(whole, changed)
    TinyRelease(changed).resum()
    for before, after in ((whole, changed), (changed, whole)):
        page(diff(before, after), "before", "after")


def _converted(release: Path) -> dict[str, Target]:
    """What `convert` reads, the longest ways: ELAN takes TextGrids, the tables RTTM, and both the manifest."""

    def copied(folder: Path) -> None:
        shutil.copytree(release, folder / "release")

    def into(form: str) -> Callable[[Path], object]:
        def read(folder: Path) -> None:
            done = convert(Request(folder / "release", form, folder / "out"))
            if done.failed:
                raise ReleaseError("; ".join(done.failed.values()))

        return read

    names = {"manifest.jsonl": "kaldi", "labels.csv": "csv", "0001/0001.rttm": "csv", "0001/0001.words.TextGrid": "eaf"}
    subjects = {"0001": "7", "0002": "9"}
    return {
        f"convert {Path(name).name}": Target(f"release/{name}", ((release / name).read_bytes(),), into(form), copied)
        for name, form in names.items()
    } | {
        "splits": Target(
            "s.csv",
            _text("video_id,split\n1,train\n2,test\n", "subject_id,split\n7,train\n9,dev\n"),
            lambda folder: read_splits(folder / "s.csv", subjects),
        )
    }


def _attempt(work: Callable[[], object]) -> str:
    try:
        work()
    except ImigueError as error:
        return str(error)
    return ""
