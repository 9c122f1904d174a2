"""Licences in the head of a card: the hub's own names where it has one."""

from __future__ import annotations

import pytest

from imigue_build.release.schema.corpus import CorpusText


@pytest.mark.parametrize(
    ("stated", "written"),
    [
        ("MIT", "mit"),
        ("The MIT License.", "mit"),
        ("CC-BY-4.0", "cc-by-4.0"),
        ("CC BY 4", "cc-by-4.0"),
        ("Creative Commons Attribution 4.0 International", "cc-by-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International License", "cc-by-nc-nd-4.0"),
        ("CC BY-NC-SA 4.0; ask before you pass it on", "cc-by-nc-sa-4.0"),
        ("CC0 1.0 Universal", "cc0-1.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("Apache-2.0", "apache-2.0"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("GPLv3", "gpl-3.0"),
        ("BSD-3-Clause", "bsd-3-clause"),
        ("ODbL-1.0", "odbl"),
        ("ODC-By-1.0", "odc-by"),
        ("CDLA-Permissive-2.0", "cdla-permissive-2.0"),
        ("CC-BY-SA-2.0", None),
        ("CC BY 4.0 with terms of our own", None),
        ("for research only", None),
        ("日本", None),
    ],
)
def test_a_licence_has_the_name_by_which_hubs_know_it(stated: str, written: str | None) -> None:
    (line, *more) = CorpusText(licence=stated).head()
    assert line == f"license: {written or 'other'}"
    assert len(more) <= (written is None)
