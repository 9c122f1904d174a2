"""What the help of a command says beside its arguments and options."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Final

BUILD: Final = "Build"
LOOK: Final = "Look and correct"
SHARE: Final = "Share"
BENCHMARKS: Final = "Benchmarks"
SET_UP: Final = "Set-up"

DONE: Final = "done"
USAGE: Final = "usage or configuration: nothing was begun"
GOES_ON: Final = "what was finished is kept; the same command goes on from there"
NOTHING: Final = "nothing is written"
WHOLE: Final = "nothing is written: the folder is made when it is whole"

VARIABLES: Final = {
    "HF_TOKEN": "token of the Hugging Face hub, for gated models; it is written nowhere",
    "HF_HUB_OFFLINE": "1 forbids downloads; only fetch-models and bench fetch make any",
    "HF_HOME": "where the hub's models lie; by default ~/.cache/huggingface",
    "MFA_ROOT_DIR": "where MFA's models lie; by default ~/Documents/MFA",
    "IMIGUE_BUILD_CACHE": "pins of models and computed features; by default ~/.cache/imigue-build",
    "CUDA_VISIBLE_DEVICES": "the GPUs that may be used",
    "RAY_ADDRESS": "head of the Ray cluster, where --ray-address names none",
    "RAY_AUTH_MODE": "token on a Ray cluster that asks for one",
    "TMPDIR": "where temporary files go",
    "NO_COLOR": "any value but none: no colours",
    "FORCE_COLOR": "any value but none: colours also where no terminal is",
    "COLUMNS": "width of tables and of the help; below 70 the help has no frames",
}
"""Environment variables, and what they do."""

MODELS: Final = ("HF_HOME", "HF_HUB_OFFLINE", "MFA_ROOT_DIR", "IMIGUE_BUILD_CACHE")
RUNS: Final = (*MODELS, "CUDA_VISIBLE_DEVICES", "RAY_ADDRESS", "RAY_AUTH_MODE", "TMPDIR")


_WIDTH: Final = 74
"""Characters of a line, so that it stands in a terminal of 80."""


@dataclass(frozen=True)
class Page:
    """The page of a command.

    Args:
        panel: Under which heading the list of all commands has it.
        more: What it does, beside the first sentence; paragraphs with an empty line between them.
        examples: Command lines without `imigue-build`, and what each is for.
        fails: What exit code 1 means.
        json: The form of the object that --json prints.
        variables: The environment variables that matter to it.
        interrupted: What is there after Ctrl-C.
    """

    panel: str
    more: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    fails: str = "it cannot be done: the error says why, and what to do"
    json: str = ""
    variables: tuple[str, ...] = ()
    interrupted: str = GOES_ON

    def epilog(self) -> str:
        """Examples, the JSON form, exit codes and variables: paragraphs with a heading each."""
        parts = [_titled("Examples:", _examples(self.examples))] if self.examples else []
        if self.json:
            parts.append(_titled("With --json, on standard output and nothing else there:", wrap(self.json, _WIDTH)))
        codes = {"0": DONE, "1": self.fails, "2": USAGE, "130": f"interrupted: {self.interrupted}"}
        parts.append(_titled("Exit codes:", _rows(codes, 5)))
        if self.variables:
            width = max(map(len, self.variables)) + 2
            parts.append(_titled("Environment:", _rows({name: VARIABLES[name] for name in self.variables}, width)))
        return "\n\n".join(parts)


def _titled(title: str, lines: list[str]) -> str:
    return "\n".join([f"\b\n{title}", *(f"  {line}" for line in lines)])  # \b: not to be filled as a paragraph


def _examples(examples: tuple[tuple[str, str], ...]) -> list[str]:
    return [line for command, what in examples for line in (*_command(command), f"    {what}")]


def _command(words: str) -> list[str]:
    """A command line; one that is too long for the help is broken before an option, as a shell takes it."""
    lines = [f"imigue-build {words}"]
    while len(lines[-1]) > _WIDTH:
        at = lines[-1].rfind(" --", 0, _WIDTH - 2)
        if at <= 0:
            break
        lines[-1:] = [f"{lines[-1][:at]} \\", f"   {lines[-1][at:]}"]
    return lines


def _rows(texts: dict[str, str], width: int) -> list[str]:
    """A column of names, and one of texts that are broken within it."""
    return [
        f"{name if not at else '':<{width}}{line}"
        for name, text in texts.items()
        for at, line in enumerate(wrap(text, _WIDTH - width))
    ]
