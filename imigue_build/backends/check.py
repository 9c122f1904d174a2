"""What a check of `doctor` is, and how to find out about something that may be broken without breaking."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final, NamedTuple

from imigue_build.core import programs
from imigue_build.core.errors import ImigueError
from imigue_build.core.secrets import without_tokens

UNANSWERED: Final = "no answer within"
"""Begins what is said of a program that was given up."""


class Check(NamedTuple):
    """One thing that was checked; `needed` says whether the config cannot run without it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


class Said(NamedTuple):
    """What a program did: its exit code (None: it could not be started, or took too long) and all output."""

    code: int | None
    output: str


def safely(name: str, check: Callable[[], list[Check]]) -> list[Check]:
    """What `check` finds; what it raises becomes a check that failed."""
    try:
        return check()
    except ImigueError as error:
        return [Check(name, False, error.what, error.remedy)]
    except Exception as error:
        return [
            Check(name, False, f"cannot be checked ({type(error).__name__}: {first_line(str(error))})", "report it")
        ]


def attempt(name: str, check: Callable[[], str], remedy: str = "") -> Check:
    """A needed thing whose state `check` says, or why it cannot be had."""
    try:
        return Check(name, True, check())
    except ImigueError as error:
        return Check(name, False, error.what, error.remedy or remedy)
    except ImportError as error:
        return Check(name, False, f"cannot be imported ({first_line(str(error))})", remedy or "install what it needs")
    except Exception as error:
        return Check(name, False, f"{type(error).__name__}: {first_line(str(error))}", remedy or "report it")


def installed(package: str) -> str | None:
    """The version of an installed package; None where it is not. It is not imported."""
    try:
        return version(package) if find_spec(package.replace("-", "_").split(".")[0]) else None
    except (PackageNotFoundError, ImportError, ValueError):
        return None


def ask(command: Sequence[str], timeout: float, environment: dict[str, str] | None = None) -> Said:
    """Runs a program for up to `timeout` seconds; it gets no input and, unless an environment is given, no token."""
    lines: list[bytes] = []
    try:
        code = programs.run(command, without_tokens() if environment is None else environment, timeout, lines.append)
    except subprocess.TimeoutExpired:
        return Said(None, f"{UNANSWERED} {timeout:.0f} s")
    except (OSError, ValueError) as error:
        return Said(None, first_line(getattr(error, "strerror", None) or str(error)).lower())
    return Said(code, b"".join(lines).decode("utf-8", "replace"))


def first_line(text: str) -> str:
    """The first line of a text, at most 200 characters of it."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]


def last_line(text: str) -> str:
    """The last line that says something, without frames drawn around it."""
    lines = (line.strip(" \t│─╭╮╰╯|") for line in reversed(text.splitlines()))
    return next((line for line in lines if line), "it says nothing")[:200]
