"""The provenance of a release: the user's files, settings without paths, versions of stages."""

from __future__ import annotations

from msgspec import structs

from imigue_build.core.records import Provenance
from imigue_build.release.build.origin import Lineage, portable, provenance
from imigue_build.release.schema.provenance import Audio, RoleRule, encode, parse
from imigue_build.store.completion import Completion, Identity


def completion(stage: str, **inputs: str) -> Completion:
    identity = Identity(stage, 1, {"extract/audio.16k.wav": "a" * 64, **inputs}, {}, Provenance())
    return Completion(1, "0440", identity.key, identity, {}, 1.0, 1.0)


def test_given_files_and_a_lexicon_are_named_by_their_stage() -> None:
    stages = {
        "transcribe": completion("transcribe", given="b" * 64),
        "align": completion("align", lexicon="c" * 64, override="d" * 64),
    }
    assert Lineage(stages, frozenset()).given == {"align": "c" * 64, "transcribe": "b" * 64}


def test_settings_lose_the_folders_of_this_machine() -> None:
    assert portable({"a": ["/x/y", "C:\\x\\z"], "b": "large-v3"}) == {"a": ["y", "z"], "b": "large-v3"}


def test_the_versions_of_stages_are_listed_once_and_again_where_they_differ() -> None:
    def lineage(version: int) -> Lineage:
        align = completion("align")
        identity = structs.replace(align.identity, version=version)
        return Lineage(
            {"align": structs.replace(align, identity=identity), "extract": completion("extract")}, frozenset()
        )

    lineages = {"0001": lineage(3), "0002": lineage(4), "0003": lineage(4)}
    document = provenance(lineages, dict.fromkeys(lineages, "a" * 64), dict.fromkeys(lineages, 1.0), {}, {}, {}, {})
    assert document.stages == {"align": 4, "extract": 1}
    assert {name: entry.stages for name, entry in document.videos.items()} == {
        "0001": {"align": 3, "extract": 1},
        "0002": None,
        "0003": None,
    }


def test_a_players_name_is_no_part_of_it_and_a_rule_that_decided_is() -> None:
    lineages = {"0001": Lineage({"speakers": completion("speakers", player="e" * 64)}, frozenset())}
    assert lineages["0001"].given == {}
    rule = RoleRule("named-in-the-labels", "SPEAKER_01")
    document = provenance(lineages, {"0001": "a" * 64}, {"0001": 1.0}, {}, {}, {}, {"0001": rule})
    assert document.videos["0001"].roles == rule
    assert b"e" * 64 not in encode(document)


def test_the_streams_and_channels_of_each_video_are_listed() -> None:
    lineages = {"0001": Lineage({"extract": completion("extract")}, frozenset())}
    audio = Audio(3, (2,), 2, (-1,), ("1 of another language (fre)",))
    document = provenance(lineages, {"0001": "a" * 64}, {"0001": 1.0}, {"0001": audio}, {}, {}, {})
    assert parse(encode(document)).videos["0001"].audio == audio
    assert b'"streams_used": [\n' in encode(document)
