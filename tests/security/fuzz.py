"""`make fuzz`: every reader of files from outside under atheris, which looks for inputs that reach new code.

One process a reader, so that a crash or a hang ends that one alone. What breaks a reader stays in
`build/fuzz/`, and is tried first the next time.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_KEPT: Final = Path("build") / "fuzz"
_SLOWEST: Final = 10
"""Seconds for one input."""
_MEMORY: Final = 2048
"""MiB of a process."""
_LONGEST: Final = 8192
"""Bytes of an input."""


def main() -> int:
    """Fuzzes the readers named, or all; the exit code is 1 where one of them broke."""
    asked = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=main.__doc__)
    asked.add_argument("--seconds", type=int, default=30, help="for each reader")
    asked.add_argument("names", nargs="*", help="readers; all without")
    options = asked.parse_args()
    broken = []
    for name in options.names or _names():
        kept = _KEPT / name.replace(" ", "-")
        kept.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", _ONE, name, str(kept), str(options.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        runs = re.search(r"Done (\d+) runs|stat::number_of_executed_units: (\d+)", done.stderr)
        tried = next(filter(None, runs.groups())) if runs else "no"
        print(f"{name}: {tried} inputs, {'sound' if done.returncode == 0 else 'BROKEN'}", flush=True)
        if done.returncode != 0:
            broken.append(name)
            print("\n".join((done.stdout + done.stderr).splitlines()[-40:]), flush=True)
    print(f"broken: {', '.join(broken)} (the inputs are in {_KEPT})" if broken else "no reader broke")
    return 1 if broken else 0


_ONE: Final = "import sys; from tests.security.fuzz import one; one(sys.argv[1], sys.argv[2], sys.argv[3])"


def one(name: str, kept: str, seconds: str) -> None:
    """Fuzzes one reader in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["imigue_build", "praatio", "yaml", "ruamel"]):
        from tests.security.parsers import targets
    with tempfile.TemporaryDirectory(prefix="imigue-fuzz-") as place:
        target = targets(Path(place))[name]
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(target.seeds):
            (corpus / f"seed-{number}").write_bytes(seed)
        limits = [f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MEMORY}", f"-max_len={_LONGEST}"]
        settings = [f"-max_total_time={seconds}", f"-artifact_prefix={kept}/", "-print_final_stats=1", "-verbosity=0"]
        atheris.Setup([name, *limits, *settings, str(corpus), kept], lambda data: target.run(Path(place, "here"), data))
        atheris.Fuzz()


def _names() -> list[str]:
    from tests.security.parsers import targets

    with tempfile.TemporaryDirectory(prefix="imigue-fuzz-") as place:
        return list(targets(Path(place)))


if __name__ == "__main__":
    sys.exit(main())
