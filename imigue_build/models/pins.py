"""Pins: which revision of a model was fetched, and the hash of each of its files.

They lie in the user's cache folder, one small JSON file for each model and revision asked for, and
are what makes two runs with "the current version" of a model use the same one.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from imigue_build.core.record_json import decode, encode
from imigue_build.core.records import Record
from imigue_build.models.digests import cache_folder
from imigue_build.store.disk import guarded, write_atomically


class Pin(Record, frozen=True):
    """A model as it was fetched; `files` is name -> SHA-256, names as POSIX paths inside the model."""

    kind: str
    name: str
    revision: str
    files: dict[str, str]


def _place(kind: str, name: str, asked: str | None) -> Path:
    title = quote(f"{kind} {name}" + (f"@{asked}" if asked else ""), safe=" @")
    return cache_folder() / "pins" / f"{title.replace(' ', '-')}.json"


def read(kind: str, name: str, asked: str | None) -> Pin | None:
    """The pin of a model for the revision that a config asks for; None where there is no readable one."""
    try:
        pin = decode(_place(kind, name, asked).read_bytes(), Pin)
    except (OSError, ValueError):
        return None
    inside = all(not Path(file).is_absolute() and ".." not in Path(file).parts for file in pin.files)
    return pin if inside and (pin.kind, pin.name) == (kind, name) and pin.files else None


def write(pin: Pin, asked: str | None) -> None:
    """Keeps a pin, whole or not at all.

    Raises:
        StoreError: If it cannot be written.
    """
    place = _place(pin.kind, pin.name, asked)
    with guarded(f"cannot write the pin {place}"):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, encode(pin))
