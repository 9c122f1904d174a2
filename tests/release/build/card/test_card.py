"""The dataset card: true to the release, complete by itself, and safe with text from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from imigue_build.backends.configs import load
from imigue_build.config import CorpusSection
from imigue_build.core.record_json import decode
from imigue_build.core.records import Correction, Label
from imigue_build.pipeline.card_facts import describe
from imigue_build.release.build.card.composition import by_length, composition
from imigue_build.release.build.card.document import card
from imigue_build.release.build.card.forms import quantile
from imigue_build.release.build.interview import FACTS, ROWS
from imigue_build.release.build.manifest import InterviewFacts
from imigue_build.release.reader.composition import SegmentFigures
from imigue_build.release.schema.corpus import CorpusText
from imigue_build.release.schema.provenance import Provenance, RoleRule, Source
from imigue_build.release.schema.rows import DroppedSegment, parse_segment
from tests.release import made

EMBEDDED = {
    "transcribe": {"backend": "pocketsphinx", "language_weight": 7.5},
    "diarize": {"backend": "dvector"},
    "align": {"backend": "pocketsphinx", "pause": 0.5},
    "export": {"max_segment": 30.0},
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.write(tmp_path_factory.mktemp("made"))


@pytest.fixture
def facts(exported: Path) -> InterviewFacts:
    return decode((exported / FACTS).read_bytes(), InterviewFacts)


@pytest.fixture
def segments(exported: Path) -> SegmentFigures:
    found = SegmentFigures()
    for line in (exported / ROWS).read_bytes().splitlines():
        found.add(parse_segment(line))
    return found


def test_overlap_that_could_not_be_detected_is_not_called_none(facts: InterviewFacts, segments: SegmentFigures) -> None:
    def overlap(*found: float | None) -> list[str]:
        each = [replace(facts, overlap=seconds) for seconds in found]
        return cells(composition(each, {}, segments), "overlapped speech")

    assert overlap(None, None) == ["not detected"]
    assert overlap(0.0, 60.0) == ["1 min 0 s"]
    assert overlap(None, 60.0) == ["1 min 0 s; not detected in 1 interview"]


def provenance(config: dict[str, Any], **videos: Source) -> Provenance:
    return Provenance(format_version=1, imigue_build="9.9", config=config, tools={}, models=(), videos=videos)


def cells(text: str, name: str) -> list[str]:
    """The cells of the row of this name after the first."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[2:-1]]


def test_it_has_every_section_and_a_head_that_hubs_read(facts: InterviewFacts, segments: SegmentFigures) -> None:
    text = card([facts], {}, provenance(EMBEDDED), segments, describe)
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections == [
        "Statistics",
        "Where the recordings come from",
        "How it was made",
        "Files",
        "Loading",
        "Quality",
        "Uses",
        "Privacy",
        "Licence",
        "Citation",
    ]
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["language"] == ["en"] and head["configs"] == [
        {"config_name": "segments", "data_files": "manifest.jsonl"}
    ]
    assert "{" not in re.sub(r"```.*?```|^\|.*$", "", text, flags=re.DOTALL | re.MULTILINE)  # every field is filled in
    assert "license: unknown" in text and "pretty_name" not in text and text.count("Not stated") == 3


def test_its_figures_are_those_of_the_segments(facts: InterviewFacts, segments: SegmentFigures) -> None:
    text = card([facts], {}, provenance(EMBEDDED), segments, describe)
    ours = {role: sorted(segments.seconds[role]) for role in ("interviewee", "interviewer")}
    assert cells(text, "longest") == [f"{values[-1]:.2f} s" for values in ours.values()]
    assert cells(text, "segments") == [str(len(values)) for values in ours.values()]
    names = ["below 1 s", "1-2 s", "2-5 s", "5-10 s", "10-20 s", "20 s and more"]
    assert [int(cells(text, name)[0]) for name in names] == by_length(ours["interviewee"])
    assert sum(by_length(ours["interviewee"])) == facts.roles["interviewee"].segments
    median = f"{quantile(sorted(segments.measures['asr_confidence']), 0.5):.2f}"
    assert cells(text, "confidence of the transcript, by segment")[2] == median


def test_outcomes_genders_and_nationalities(facts: InterviewFacts, segments: SegmentFigures) -> None:
    several = [replace(facts, video_id=name) for name in ("0001", "0002", "0003")]
    labels = {"0001": Label("0001", "F", "Spain", "Win"), "0002": Label("0002", "F", "", "Lose")}
    text = card(several, labels, provenance(EMBEDDED), segments, describe)
    assert cells(text, "Win")[0] == cells(text, "Lose")[0] == "1"
    assert cells(text, "F")[0] == "2"
    assert cells(text, "F")[4] == f"{2 * facts.roles['interviewee'].words:,}"
    assert "nationality (1): Spain 1." in text
    assert "gender of the interviewee" not in card(several, {}, provenance(EMBEDDED), segments, describe)


def test_a_label_breaks_neither_table_nor_page(facts: InterviewFacts, segments: SegmentFigures) -> None:
    labels = {"0440": Label("0440", "<img src=x>|", "[a](javascript:b)\n# c", "Win")}
    text = card([facts], labels, provenance(EMBEDDED), segments, describe)
    assert "<img" not in text and "\n# c" not in text and "[a](" not in text
    assert cells(text, r"&lt;img src=x&gt;\|")[0] == "1"


def test_the_settings_that_matter_and_those_that_are_not_the_defaults(
    facts: InterviewFacts, segments: SegmentFigures
) -> None:
    text = card([facts], {}, provenance(EMBEDDED), segments, describe)
    assert cells(text, "`transcribe.language_weight`") == ["7.5", "5"]
    assert cells(text, "`align.pause`") == ["0.5", "the same"]
    assert cells(text, "transcribe")[1] == "pocketsphinx"
    mixed = EMBEDDED | {"transcribe": {"backend": "faster-whisper", "model": "small"}, "align": None}
    text = card([facts], {}, provenance(mixed), segments, describe)
    assert cells(text, "transcribe")[1] == "faster-whisper (small)"
    assert cells(text, "align")[1] == "not known any more"


def test_limits_are_those_of_the_backends_that_took_part(facts: InterviewFacts, segments: SegmentFigures) -> None:
    text = card([facts], {}, provenance(EMBEDDED), segments, describe)
    assert "a word error rate of 0.29" in text and "Overlapped speech is not detected" in text
    paper = {"transcribe": {"backend": "whisperx"}, "diarize": {"backend": "pyannote"}, "align": {"backend": "mfa"}}
    text = card([facts], {}, provenance(paper), segments, describe)
    assert text.count("not measured here") == 3 and "0.29" not in text
    mixed = Source("a" * 64, 10.0, {"transcribe": {"backend": "pocketsphinx"}})
    text = card([facts], {}, provenance(paper, **{"0440": mixed}), segments, describe)
    assert text.count("not measured here") == 3 and "0.29" in text
    assert "For 1 of 1 interview other settings or tools were used" in text


def test_drops_corrections_and_doubts(facts: InterviewFacts, segments: SegmentFigures) -> None:
    drop = DroppedSegment("0440", "interviewee", "SPEAKER_00", 1.0, 2.0, "so", "snr_db 3 < 10; flag poor_fit")
    fixes = (Correction("drop", "a", True), Correction("words", "b", False))
    filtered = replace(facts, filtered=True, dropped=(drop,), corrections=fixes, role_confidence=0.5)
    text = card([filtered], {}, provenance(EMBEDDED), segments, describe)
    assert "Filters dropped 1 segment: 1 for flag poor_fit, 1 for snr_db" in text
    assert "People made 1 correction in 1 interview; 1 more no longer fit" in text
    assert "Roles to check" in text and "0440 (0.50)" in text
    assert "No person's corrections" in card([facts], {}, provenance(EMBEDDED), segments, describe)


def test_how_many_have_their_roles_by_names(facts: InterviewFacts, segments: SegmentFigures) -> None:
    rule = RoleRule("named-in-the-file", "SPEAKER_00")
    by_names = {"0440": Source("a" * 64, 10.0, roles=rule), "0441": Source("a" * 64, 10.0)}
    doubtful = replace(facts, role_confidence=0.5, roles_by=rule)
    text = card([doubtful], {}, provenance(EMBEDDED, **by_names), segments, describe)
    assert "Not so in 1 of 2 interviews: there the names in given files say who" in text
    assert "one speaker is alone, or names contradict them (confidence below 0.75): 0440 (0.50)" in text
    others = card([facts], {}, provenance(EMBEDDED, **{"0441": by_names["0441"]}), segments, describe)
    assert "names in given files" not in others and "names contradict" not in others


def test_its_example_runs(tmp_path: Path, facts: InterviewFacts, segments: SegmentFigures, exported: Path) -> None:
    text = card([facts], {}, provenance(EMBEDDED), segments, describe)
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    os.link(exported / ROWS, tmp_path / "manifest.jsonl")
    (tmp_path / "0440").symlink_to(exported / "release")
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == facts.roles["interviewee"].segments


def test_no_segment_at_all(facts: InterviewFacts) -> None:
    text = card([facts], {}, provenance({}), SegmentFigures())
    assert "segments by length" not in text
    assert cells(text, "words a second, by segment") == ["-"] * 5


def test_quantiles_by_nearest_rank() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [quantile(values, share) for share in (0.0, 0.05, 0.5, 0.95, 1.0)] == [1.0, 5.0, 50.0, 95.0, 100.0]
    assert quantile([3.0], 0.05) == 3.0


STATED = CorpusText(
    name="Harbour talks",
    title='Harbour <b>talks</b>: "a" corpus',
    origin="Recorded | in `2024`",
    licence="CC BY-SA 4.0",
    citation="Doe, J. (2024) [talks](javascript:x).",
    homepage="https://example.org/a_b",
)


def test_a_corpus_of_which_nothing_is_stated_is_called_nothing(facts: InterviewFacts, segments: SegmentFigures) -> None:
    six = [replace(facts, video_id=f"{number:04d}", language="no", overlap=None) for number in range(6)]
    text = card(six, {}, provenance(EMBEDDED), segments, describe)
    told = r"iMiGUE|tennis|press conf|athlete|player|reporter|Grand Slam|won or|match|Win|Lose|gesture"
    assert not re.findall(told, re.sub("imigue-build|win_or_lose", "", text), re.IGNORECASE)
    assert "Not stated by the recipe: name, title, origin, language, contact, homepage." in text
    assert yaml.safe_load(text.split("---\n")[1])["language"] == ["no"]
    assert "pretty_name" not in text and "license: unknown" in text
    assert [cells(text, name) for name in ("gender", "nationality", "outcome")] == [["not labelled"]] * 3
    assert "Overlapped speech is not detected: clips may hold it" in text and "0 s" not in cells(
        text, "overlapped speech"
    )


def test_what_the_recipe_states_is_shown_as_plain_text(facts: InterviewFacts, segments: SegmentFigures) -> None:
    stated = replace(provenance(EMBEDDED), corpus=STATED)
    text = card([facts], {}, stated, segments, describe)
    head = yaml.safe_load(text.split("---\n")[1])
    assert (head["pretty_name"], head["license"]) == (STATED.title, "cc-by-sa-4.0")
    assert '\n# Harbour &lt;b&gt;talks&lt;/b&gt;: "a" corpus\n' in text
    assert cells(text, "origin") == [r"Recorded \| in \`2024\`"]
    assert cells(text, "homepage") == ["<https://example.org/a_b>"]
    assert "as the recipe states it: CC BY-SA 4.0." in text and "[talks](" not in text
    assert "Not stated by the recipe: language, contact." in text


def test_the_card_of_imigue_says_what_it_is(facts: InterviewFacts, segments: SegmentFigures) -> None:
    corpus = CorpusText(**load("imigue").corpus.model_dump())
    text = card([facts], {}, replace(provenance(EMBEDDED), corpus=corpus), segments, describe)
    head = yaml.safe_load(text.split("---\n")[1])
    assert (head["license"], head["license_name"]) == ("other", "imigue-licence-agreement")
    assert "# iMiGUE-Speech: spontaneous speech" in text and "10631-10642" in text and "2602.21464" in text


def test_a_recipe_states_what_provenance_holds() -> None:
    assert set(CorpusSection.model_fields) == set(CorpusText.__struct_fields__)


def test_hostile_texts_stay_within_the_head() -> None:
    corpus = CorpusText(name='x"\n---\nlicense: mit\x07\x85', licence="a\nlicense: mit")
    assert yaml.safe_load("\n".join(corpus.head())) == {
        "pretty_name": 'x" --- license: mit',
        "license": "other",
        "license_name": "a-license",
    }
    assert CorpusText(name="../../etc").file_name("corpus") == "etc" and CorpusText(name="日本").file_name("c") == "c"
