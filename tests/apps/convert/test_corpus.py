"""What the release says of the corpus, in what `convert` writes and `diff` tells apart."""

from __future__ import annotations

from pathlib import Path

import yaml
from msgspec.structs import replace

from imigue_build.apps.convert.huggingface import HUGGINGFACE
from imigue_build.apps.diff.origins import differences
from imigue_build.release.reader import CorpusText, Provenance, Source

CORPUS = CorpusText(name="Harbour talks", title="# <b>Talks</b>: a corpus", licence="CC BY 4.0")


def test_the_dataset_card_has_its_title_and_licence(tmp_path: Path) -> None:
    assert HUGGINGFACE.finish is not None
    HUGGINGFACE.finish(tmp_path, [""], CORPUS)
    text = (tmp_path / "README.md").read_text()
    head = yaml.safe_load(text.split("---\n")[1])
    assert (head["pretty_name"], head["license"]) == (CORPUS.title, "cc-by-4.0")
    assert "<b>" not in text.split("---\n")[2] and "- origin: not stated" in text
    HUGGINGFACE.finish(tmp_path, [""], CorpusText())
    text = (tmp_path / "README.md").read_text()
    assert "license: unknown" in text and "iMiGUE" not in text and "- name: not stated" in text


def test_diff_names_a_changed_text_which_may_have_changed_nothing_else() -> None:
    one = {"0440": Source("a" * 64, 1.0)}
    before = Provenance(format_version=1, imigue_build="1", config={}, tools={}, models=(), videos=one, corpus=CORPUS)
    after = replace(before, corpus=replace(CORPUS, licence="CC0 1.0"))
    (origin,) = differences(before, after, ["0440"])
    assert (origin.name, origin.before, origin.after, origin.stages) == ("corpus.licence", "CC BY 4.0", "CC0 1.0", ())
