"""Faults of a recipe and of --set, each in one line: the setting, its value, what is allowed, the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import ValidationError

from imigue_build.config.base import Section
from imigue_build.config.slots import Catalogue, NoBackendError, UnknownBackendError, slot_of
from imigue_build.core.errors import abridged

_LONGEST: Final = 80
"""Characters of a value that a line shows."""
_SET: Final = "--set "
_LAST: Final = 1 << 30
"""Stands for a line: what --set gave comes after all of the file."""
_UNKNOWN: Final = ("extra_forbidden", "invalid_key")
_ALLOWED: Final = {
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
    "finite_number": "a finite number",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text (put it in quotes)",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "too_short": "at least {min_length} values",
    "too_long": "at most {max_length} values",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a section, with settings below it",
    "dict_type": "a section, with settings below it",
}
"""What a setting takes, by the type of pydantic's error and with the values of its context."""


def faults(
    error: ValidationError,
    document: Mapping[str, Any],
    given: Sequence[str],
    top: type[Section],
    catalogue: Catalogue,
    line_of: Callable[[Sequence[str]], int] | None = None,
) -> list[str]:
    """The faults, one line each: first those of the file, in its order.

    Args:
        error: Of the document.
        document: What was validated.
        given: The dotted keys that --set gave.
        top: The class of the document.
        catalogue: The backends that can be named.
        line_of: Gives the line of a key in the file that the document was read from.
    """
    found: list[tuple[int, str]] = []
    for path, same in by_place(error, document):
        key = ".".join(path)
        kind = same[0]["type"]
        if kind in _UNKNOWN:
            said = _unknown(path, document, top, catalogue)
        elif kind == "missing":
            said = _missing(path, document, given, top, catalogue)
        else:
            said = line(key, same)
        if said.startswith(_SET) or any(f"{one}.".startswith(f"{key}.") or key.startswith(f"{one}.") for one in given):
            found.append((_LAST, said if said.startswith(_SET) else f"{_SET}{said}"))
        elif line_of is not None and (kind != "missing" or len(path) > 1):
            found.append((number := line_of(path), f"line {number}: {said}"))
        else:
            found.append((0, said))
    return [said for _, said in sorted(found, key=lambda fault: fault[0])]


def by_place(error: ValidationError, document: Any) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The errors of pydantic by the place in the document; there are several where none of several types fits."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for fault in error.errors():
        found.setdefault(_place(fault, document), []).append(fault)
    yield from found.items()


def _place(fault: Any, document: Any) -> tuple[str, ...]:
    """The keys on the way to a fault, without pydantic's names of the types that it tried."""
    place, path = document, []
    for part in fault["loc"]:
        try:
            place = place[part]
        except (KeyError, IndexError, TypeError):
            if fault["type"] != "missing":
                continue
        path.append(str(part))
    return tuple(path)


def line(key: str, same: Sequence[Any]) -> str:
    """The faults at one key in one line; what pydantic says where they are of no kind above."""
    key, fault = shown_key(key), same[0]
    value = f"{key} is {_value(fault['input'])}"
    error = fault.get("ctx", {}).get("error")
    choices = [choice for one in same if one["type"] == "literal_error" for choice in _literals(one["ctx"]["expected"])]
    forms = [_ALLOWED[one["type"]].format(**one.get("ctx", {})) for one in same if one["type"] in _ALLOWED]
    if fault["type"] == "missing":
        return f"{key} is missing"
    if fault["type"] in _UNKNOWN:
        return f"there is no key {key}"
    if isinstance(error, NoBackendError):
        lacks = (
            f"{key} names no backend" if isinstance(fault["input"], dict) else f"{value}, not a section with a backend"
        )
        return f"{lacks}: {_choice(error.known, None)}"
    if isinstance(error, UnknownBackendError):
        return f"{value}: {_choice(error.known, fault['input'])}{''.join(f'; {why}' for why in error.problems)}"
    if choices:
        return f"{value}: {_choice(choices, fault['input'])}"
    if forms:
        return f"{value}: it takes {' or '.join(dict.fromkeys(forms))}"
    said = abridged(str(error) if error is not None else fault["msg"])
    if isinstance(fault["input"], dict):  # of a whole section: it names the values itself
        return f"{key}: {said}" if key else said
    return f"{value}: {said[:1].lower()}{said[1:]}"


def _unknown(path: Sequence[str], document: Mapping[str, Any], top: type[Section], catalogue: Catalogue) -> str:
    """The line on a key that there is not."""
    known, backend, others = _known(document, path[:-1], top, catalogue)
    above = "".join(f"{part}." for part in path[:-1])
    nearest = _nearest(path[-1], known)
    having = [name for name, keys in others.items() if path[-1] in keys]
    if having:
        meant = f"{' and '.join(having)} {'has' if len(having) == 1 else 'have'} it. "
    else:
        meant = f"did you mean {shown_key(above + nearest)}? " if nearest else ""
    of = f" of {backend}" if backend else ""
    key = shown_key(".".join(path))
    return f"{key} is no setting{of}: {meant}{'It' if meant else 'it'} is one of {', '.join(known)}"


def _missing(
    path: Sequence[str], document: Mapping[str, Any], given: Sequence[str], top: type[Section], catalogue: Catalogue
) -> str:
    """The line on a key that has to be there."""
    key, above = shown_key(".".join(path)), ".".join(path[:-1])
    if f"{above}.backend" in given:
        _, backend, _ = _known(document, path[:-1], top, catalogue)
        return f"{_SET}{above}.backend={backend} needs {key}: add --set {key}=..."
    slot = slot_of(top.model_fields[path[0]]) if len(path) == 1 else None
    needs = f": it takes a section with a backend, {_choice(list(catalogue.sections(slot.task)), None)}" if slot else ""
    return f"{key} is missing{needs.replace(' it takes one', ' one')}"


def shown_key(key: str) -> str:
    """A dotted key for a message, on one line and of a bounded length."""
    return abridged(key if key.isprintable() else ascii(key))


def _value(value: Any) -> str:
    """A value as a recipe writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a section"
    return abridged(repr(value), _LONGEST)


def _choice(choices: Sequence[str], found: Any) -> str:
    """What may be chosen, and the nearest to what was."""
    nearest = _nearest(found, choices) if isinstance(found, str) else ""
    several = "one of " if len(choices) > 1 else ""
    return f"it takes {several}{', '.join(map(repr, choices))}" + (f"; did you mean {nearest!r}?" if nearest else "")


def _nearest(found: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(abridged(found), known, n=1, cutoff=0.5)
    return close[0] if close else ""


def _literals(expected: str) -> list[str]:
    """The choices in pydantic's words: `'a', 'b' or 'c'`."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]


def _known(
    document: Mapping[str, Any], path: Sequence[str], top: type[Section], catalogue: Catalogue
) -> tuple[list[str], str, dict[str, list[str]]]:
    """The keys that the section at a place of the document knows; where a backend's, its name and the others' keys."""
    section, place = top, document
    backend, sections = "", dict[str, type[Section]]()
    for part in path:
        field, place = section.model_fields[part], place[part]
        slot = slot_of(field)
        sections = dict(catalogue.sections(slot.task)) if slot else {}
        backend = place["backend"] if slot else ""
        section = sections[backend] if slot else _section(field.annotation)
    others = {name: list(other.model_fields) for name, other in sections.items() if name != backend}
    return sorted(section.model_fields), backend, others


def _section(annotation: Any) -> type[Section]:
    """The section in a type that may be optional."""
    options = (annotation, *get_args(annotation))
    return next(option for option in options if isinstance(option, type) and issubclass(option, Section))
