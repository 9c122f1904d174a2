"""Configs: strict, with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.backends.configs import load, load_recipe
from imigue_build.config import recipes
from imigue_build.core.errors import ConfigError


@pytest.mark.parametrize("name", ["embedded", "minimal"])
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
    with pytest.raises(ConfigError, match=r"unknown key 'export.paus'.*; 'overrides': input should be a valid string"):
        load_recipe(str(path))


def test_set_overrides_one_setting_and_only_its_stage() -> None:
    plain, changed = load("embedded"), load("embedded", ["align.pause=0.25"])
    assert changed.align.pause == 0.25
    stages = ("extract", "transcribe", "diarize", "roles", "align", "export")
    assert [stage for stage in stages if getattr(plain, stage) != getattr(changed, stage)] == ["align"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("align.pausee=3", "unknown key 'align.pausee' (the nearest is 'pause'"),
        ("transcribe.vad.onsett=.2", "unknown key 'transcribe.vad.onsett' (the nearest is 'onset'"),
        ("diarise.backend=dvector", "unknown key 'diarise' (the nearest is 'diarize'"),
        ("zzz.a=1", "unknown key 'zzz' (the nearest is"),
        ("transcribe.backend=whisper", "'pocketsphinx', 'faster-whisper'"),
        ("export.pause=abc", "'export.pause': input should be a valid number (found 'abc')"),
        ("export.max_segment=31", "'export.max_segment': input should be less than or equal to 30"),
        ("export.clip_overlap=1", "'export.clip_overlap': input should be a valid boolean"),
        ("diarize.min_speakers=9", "min_speakers 9 is more than max_speakers 8"),
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


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "cannot be read"), ("- 1\n- 2\n", "holds no sections"), ("name: x\n", "'transcribe' is missing")],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load(str(path))
    assert "broken.yaml" in str(caught.value)


def test_an_unknown_name_lists_the_recipes() -> None:
    with pytest.raises(ConfigError, match="embedded, minimal"):
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
