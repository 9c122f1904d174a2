"""Pages of the commands that get a machine ready, and of all commands together."""

from __future__ import annotations

from typing import Final

from imigue_build.cli.pages.page import NOTHING, RUNS, SET_UP, VARIABLES, Page

ROOT: Final = Page(
    "",
    examples=(
        ("demo", "builds the release of an interview that comes with it"),
        ("run-all VIDEOS --work WORK --release RELEASE", "your own interviews"),
        ("doctor", "what this machine can run, and what it lacks"),
        ("run-all --help", "examples, exit codes and variables of one command"),
        ("--install-completion", "commands, options and values at the Tab key: bash, zsh, fish"),
    ),
    fails="some interviews failed, or faults were found",
    json="every command prints one JSON object; an error that ends it leaves standard output empty",
    variables=tuple(VARIABLES),
)

PAGES: Final = {
    "doctor": Page(
        SET_UP,
        "Each lack comes with the command that mends it.",
        (("doctor", "of the default recipe"), ("doctor --config paper", "of another one")),
        "this machine cannot run the config yet",
        '{"ok": BOOL, "checks": [{"name", "ok", "needed", "detail", "remedy"}]}',
        RUNS,
        interrupted=NOTHING,
    ),
    "fetch-models": Page(
        SET_UP,
        "It keeps each model's revision and the SHA-256 of its files; a run uses exactly these.",
        (
            ("fetch-models --config laptop", "Whisper small"),
            ("fetch-models --config paper", "Whisper, wav2vec 2.0, pyannote, MFA's models"),
        ),
        "a model is not here",
        '{"ok": BOOL, "models": [{"kind", "name", "revision", "sha256", "bytes", "state"}], '
        '"failed": [{"kind", "name", "reason", "remedy"}]}',
        ("HF_TOKEN", "HF_HOME", "HF_HUB_OFFLINE", "MFA_ROOT_DIR", "IMIGUE_BUILD_CACHE"),
    ),
}
