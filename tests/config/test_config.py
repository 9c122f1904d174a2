"""Configs: strict, with every fault named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imigue_build.backends.configs import keys, load, load_recipe
from imigue_build.backends.registry import registry
from imigue_build.config import STAGE_OF, recipes
from imigue_build.core.errors import ConfigError
from imigue_build.stages import build


@pytest.mark.parametrize("name", ["embedded", "imigue", "minimal", "paper"])
def test_every_packaged_recipe_loads(name: str) -> None:
    assert load(name).name == name
    assert name in recipes()


def test_a_path_is_taken_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(recipes()["embedded"].read_text() + "export:\n  max_segment: 12\n")
    assert load(str(path)).export.max_segment == 12


def test_a_recipe_may_name_the_folder_of_corrections_which_is_no_setting(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(recipes()["embedded"].read_text() + f"overrides: {tmp_path}/corrections\n")
    recipe = load_recipe(str(path))
    assert recipe.overrides == tmp_path / "corrections"
    assert recipe.config == load("embedded")
    assert load_recipe("embedded").overrides is None
    path.write_text(recipes()["embedded"].read_text() + "overrides: 3\nexport: {paus: 1}\n")
    with pytest.raises(ConfigError, match=r"line 10: overrides is 3: .*; line 11: export.paus is no setting"):
        load_recipe(str(path))


def test_set_overrides_one_setting_and_only_its_stage() -> None:
    plain, changed = load("embedded"), load("embedded", ["align.pause=0.25"])
    assert changed.align.pause == 0.25
    stages = ("extract", "transcribe", "diarize", "roles", "align", "export")
    assert [stage for stage in stages if getattr(plain, stage) != getattr(changed, stage)] == ["align"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "align.pausee=3",
            "--set align.pausee is no setting of pocketsphinx: did you mean align.pause? It is one of backend, ",
        ),
        ("transcribe.vad.onsett=.2", "--set transcribe.vad.onsett is no setting: did you mean transcribe.vad.onset?"),
        ("diarise.backend=dvector", "--set diarise is no setting: did you mean diarize?"),
        ("zzz.a=1", "--set zzz is no setting: it is one of align, corpus, "),
        (
            "align.backend=mfaa",
            "--set align.backend is 'mfaa': it takes one of 'pocketsphinx', 'mfa'; did you mean 'mfa'?",
        ),
        ("transcribe.backend=3", "--set transcribe.backend is 3: it takes one of 'pocketsphinx', 'faster-whisper'"),
        ("transcribe.language=de", "--set transcribe.language is 'de': it takes 'en'"),
        ("extract.streams=x", "--set extract.streams is 'x': it takes auto, all, mix or numbers from 1"),
        ("extract.language=e", "--set extract.language is 'e': it takes at least 2 characters"),
        ("align.lexicon=3", "--set align.lexicon is 3: it takes a text (put it in quotes)"),
        ("align.passes=2.5", "--set align.passes is 2.5: it takes a whole number"),
        ("align.pause=.nan", "--set align.pause is nan: it takes a finite number"),
        ("align.pause=-1", "--set align.pause is -1: it takes at least 0"),
        ("align.max_utterance=0", "--set align.max_utterance is 0: it takes more than 0"),
        ("export.filters=3", "--set export.filters is 3: it takes a section, with settings below it"),
        ("export.filters.no_flags=[x]", "--set export.filters.no_flags.0 is 'x': it takes one of 'repetition', "),
        ("corpus.title=a: b", "--set corpus.title is a section: it takes a text (put it in quotes)"),
        ("corpus.name=/home/me", "--set corpus.name is '/home/me': it takes a text, not the path of a file"),
        ('corpus.name="a\\x07"', "--set corpus.name is 'a\\x07': it has characters that do not print"),
        ("corpus.nam=x", "--set corpus.nam is no setting: did you mean corpus.name?"),
        ("export.pause=abc", "config minimal does not fit: --set export.pause is 'abc': it takes a number"),
        ("export.max_segment=31", "--set export.max_segment is 31: it takes at most 30"),
        ("export.clip_overlap=1", "--set export.clip_overlap is 1: it takes true or false"),
        ("diarize.min_speakers=9", "--set diarize: min_speakers 9 is more than max_speakers 8"),
        (
            "transcribe.backend=given",
            "--set transcribe.backend=given needs transcribe.folder: add --set transcribe.folder=...",
        ),
        ("transcribe.folder=x", "--set transcribe.folder is no setting of pocketsphinx: given has it. It is one of "),
        (".pause=1", "not of the form stage.key=value"),
        ("align=1", "not of the form stage.key=value"),
        ("align.pause", "not of the form stage.key=value"),
        ("name.x.y=1", "name is not a section"),
        ("align.pause='", "the value cannot be read"),
    ],
)
def test_a_wrong_override_is_named(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("minimal", [override])
    assert message in str(caught.value)


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(ConfigError) as caught:
        load("embedded", ["align.pausee=3", "export.pause=abc"])
    assert "align.pausee" in str(caught.value) and "export.pause" in str(caught.value)
    with pytest.raises(ConfigError, match=r"--set 'align' is not.*; --set 'pause' is not"):
        load("embedded", ["align", "pause"])


def test_a_fault_of_the_file_is_not_called_one_of_set(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(recipes()["embedded"].read_text() + "export: {pause: abc}\n")
    with pytest.raises(
        ConfigError, match=r"mine\.yaml does not fit: line \d+: export.pause is 'abc'.*; --set export.pad is -1"
    ):
        load(str(path), ["export.pad=-1"])


@pytest.mark.slow
def test_no_setting_answers_in_the_words_of_pydantic() -> None:
    """Every setting of every backend, with values of the wrong kind."""
    values = ("[[]]", "{a: 1}", "''", "-1e9", "x y z", "null", "true", "'/x'")
    backends = {stage: list(registry().sections(task)) for task, stage in STAGE_OF.items()}
    said = []
    for key in keys():
        stage = key.split(".")[0]
        for backend in backends.get(stage, [""]):
            for value in values:
                chosen = [f"{stage}.backend={backend}"] if backend else []
                try:
                    load("embedded", [*chosen, f"{key}={value}"])
                except ConfigError as error:
                    said.append(str(error))
    assert len(said) > 500
    assert not [text for text in said if re.search(r"[Ii]nput|valid |pydantic|Extra", text)]


def test_the_recipe_of_imigue_is_that_of_the_paper_with_its_corpus() -> None:
    paper, imigue = load("paper").model_dump(), load("imigue").model_dump()
    differing = {name for name in paper if paper[name] != imigue[name]}
    assert differing == {"name", "corpus"} and not any(paper["corpus"].values())
    assert imigue["corpus"]["name"] == "iMiGUE-Speech" and "licence agreement" in imigue["corpus"]["licence"]


def test_texts_of_the_corpus_are_on_one_line_and_of_a_bounded_length(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(recipes()["embedded"].read_text() + "corpus:\n  origin: |\n    two\n    lines\n")
    assert load(str(path)).corpus.origin == "two lines"
    with pytest.raises(ConfigError, match="it takes at most 2000 characters"):
        load("embedded", [f"corpus.origin={'x' * 2001}"])


def test_no_stage_depends_on_what_the_recipe_says_of_the_corpus() -> None:
    plain, named = load("embedded"), load("embedded", ["corpus.name=A"])
    stages = [[stage.settings() for stage in build(config)] for config in (plain, named)]
    assert stages[0] == stages[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", r"cannot be read: line 1: a \[ is not closed|line 1: "),
        ("a: {b: 1\nc: 2\n", "line 1: a { is not closed"),
        ("a: 'x\nb: 1\n", "line 1: a quote is not closed"),
        ("a:\n\tb: 1\n", "line 2: a tab stands where blanks must be"),
        ("a:\n  b: 1\n c: 2\n", "line 3: the line is not indented as those that it belongs to"),
        ("a: b: c\n", "line 1: a colon where none may be"),
        ("align:\n  pause: 1\n  pause: 2\n", "line 3: pause is there already"),
        ("a: \xe4\n", "line 1 is not UTF-8"),
        ("", "is empty: `transcribe:`"),
        ("# nothing\n", "is empty"),
        ("- 1\n- 2\n", "is a list, no sections"),
        ("text\n", "is a value, no sections"),
        (
            "name: x\n",
            "does not fit: transcribe is missing: it takes a section with a backend, one of 'pocketsphinx', ",
        ),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=message) as caught:
        load(str(path))
    assert "broken.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("align:\n  backend: pocketsphinx\n  pause: much\n", "line 4: align.pause is 'much': it takes a number"),
        ("align: {backend: mfaa}\n", "line 2: align.backend is 'mfaa': it takes one of 'pocketsphinx', 'mfa'; did you"),
        ("align:\n  pause: 1\n", "line 2: align names no backend: it takes one of 'pocketsphinx', 'mfa'"),
        ("align:\n", "line 2: align is empty, not a section with a backend: it takes one of 'pocketsphinx', 'mfa'"),
        ("align:\n- a\n", "line 2: align is ['a'], not a section with a backend"),
        ("align:\n  backend: pocketsphinx\n  3: 1\n", "line 4: align.3 is no setting of pocketsphinx"),
        (
            "align: {backend: pocketsphinx}\nexport:\n  filters:\n    no_flags:\n    - repetition\n    - x\n",
            "line 7: export.filters.no_flags.1 is 'x'",
        ),
        ("align: {backend: pocketsphinx, launcher: x}\n", "align.launcher is no setting of pocketsphinx: mfa has it."),
    ],
)
def test_a_fault_of_the_file_has_its_line(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: x\n{lines}transcribe: {{backend: pocketsphinx}}\ndiarize: {{backend: dvector}}\n")
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    assert f"config {path} does not fit: " in str(caught.value) and message in str(caught.value)


def test_faults_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("zzz: 1\nname: 3\nexport: 1\nalign: x\ntranscribe: {backend: pocketsphinx}\n")
    with pytest.raises(ConfigError) as caught:
        load(str(path), ["diarize.backend=x"])
    assert re.findall(r"line (\d)", str(caught.value)) == ["1", "2", "3", "4"]
    assert str(caught.value).index("line 4") < str(caught.value).index("--set diarize.backend is 'x'")


def test_an_unknown_name_lists_the_recipes() -> None:
    with pytest.raises(ConfigError, match="embedded, imigue, minimal"):
        load("papper")


@pytest.mark.parametrize(
    "text", ["a: 2026-99-99", "a: " + "9" * 9000, "a: !!int x", "a: !!bool x", "a: " + "[" * 5000, "#" * 400_000]
)
def test_hostile_yaml_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config .*mine\.yaml"):
        load(str(path))


def test_a_value_that_yaml_cannot_make_is_refused() -> None:
    with pytest.raises(ConfigError, match="the value cannot be read"):
        load("embedded", ["align.pause=!!int x"])
