"""The Montreal Forced Aligner: does its launcher start it, and if not, which part of it is missing."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.backends.alignment.mfa import phone_sets
from imigue_build.backends.alignment.mfa.model_files import environment, phones_of
from imigue_build.backends.alignment.mfa.settings import models
from imigue_build.backends.check import UNANSWERED, Check, Said, ask, attempt, last_line
from imigue_build.config import recipes
from imigue_build.core.errors import ImigueError
from imigue_build.models import locate

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.settings import MfaAlign

_TIMEOUT: Final = 180.0
"""Seconds: the first start of a new environment compiles its modules."""
_CONDAS: Final = ("conda", "mamba", "micromamba")
_PROGRAM_NEEDED: Final = "fstcompile"
_LAUNCHER: Final = "--set 'align.launcher=conda run --no-capture-output -n mfa mfa'"
_WHOLE: Final = "montreal-forced-aligner=3.4.*"
_MODULE: Final = re.compile(
    r"No module named '([\w.]+)'|(?:while importing|cannot import name '\w+' from) '?([\w.]+)'?"
)
_LIBRARY: Final = re.compile(r"(lib[\w.+-]+\.(?:so|dylib)[\w.]*): cannot open|Library not loaded: \S*?(lib[\w.+-]+)")
_PROGRAM: Final = re.compile(
    r"(?:[Cc]ould not|[Cc]annot|[Cc]an't) find '?([\w.-]+)'?|'?([\w.-]+)'?: (?:command )?not found"
    r"|No such file or directory: '([\w.-]+)'|error when invoking '([\w.-]+)'"
)
_PACKAGES: Final = (
    (r"_?kalpy.*", "kalpy"),
    (r"montreal_forced_aligner.*", _WHOLE),
    (r"pynini.*|_pynini.*|pywrapfst.*", "pynini"),
    (r"fst\w*|lib(open)?fst.*", "openfst"),
    (r"ngram.*|libngram.*", "ngram"),
    (r"phonetisaurus.*", "phonetisaurus"),
    (r"sox|libsox.*", "sox"),
    (r"libmkl.*", "mkl"),
    (r"pg_\w+|psql|initdb|createdb|psycopg2.*|libpq.*", "postgresql"),
    (r"compute-.*|gmm-.*|align-.*|copy-.*|apply-.*|add-.*|lattice-.*|transform-.*|ivector-.*|libkaldi.*", "kaldi"),
)
"""Module, library or program that MFA misses -> the conda package that holds it."""


def examine(section: MfaAlign | None) -> list[Check]:
    """Whether MFA runs; a config that does not align with it (None) only learns whether it is on PATH."""
    if section is None:
        program = shutil.which("mfa")
        remedy = f"only a recipe that aligns with it needs it: {create()}"
        return [Check("MFA", program is not None, program or "not on PATH", remedy, needed=False)]
    launcher = section.launcher
    said = _ask(launcher, [*launcher, "version"])
    if said.code is None and said.output.startswith(UNANSWERED):
        again = shlex.join([*launcher, "version"])
        return [Check("MFA", False, said.output, f"its first start is slow: try `{again}`, then again")]
    if said.code is None:
        how = f"{shlex.join(launcher)!r} cannot be run ({said.output})"
        return [Check("MFA", False, how, f"{create()}, then {_LAUNCHER}")]
    if said.code != 0 or "Traceback (most recent call last)" in said.output:
        return [_broken(launcher, said.output)]
    found = re.search(r"\b(\d+)\.\d+\S*", last_line(said.output))
    if found is None or found[1] != "3":
        detail = f"version {found[0] if found else last_line(said.output)!r}, but 3.4 is needed"
        return [
            Check("MFA", False, detail, f"conda install -n {conda_environment(launcher)} -c conda-forge '{_WHOLE}'")
        ]
    return [Check("MFA", True, found[0]), *_whole(section)]


def _whole(section: MfaAlign) -> list[Check]:
    """What MFA lacks to align, and whether its models belong together, as far as they are here."""
    missing = _missing_program(section.launcher)
    try:
        paths = {wanted.kind: locate(wanted).path for wanted in models(section)}
    except ImigueError:  # said where the models are checked
        return [missing] if missing else []
    missing = missing or _trial(section.launcher, paths["acoustic"])
    check = partial(phone_sets.check, paths["acoustic"], paths["dictionary"], paths.get("g2p"))
    return [*([missing] if missing else []), attempt("MFA models", check)]


def create() -> str:
    """The command that makes MFA's environment."""
    file = next(iter(recipes().values())).parent / "mfa-environment.yml"
    return f"conda env create -f {file}" if file.is_file() else f"conda create -n mfa -c conda-forge '{_WHOLE}'"


def conda_environment(launcher: Sequence[str]) -> str:
    """The conda environment in which a launcher starts MFA: `-n NAME`, or the folder of its program."""
    for option, value in pairwise(launcher):
        if option in ("-n", "--name"):
            return value
    parts = Path(shutil.which(launcher[0]) or launcher[0]).parts
    return parts[parts.index("envs") + 1] if "envs" in parts[:-1] else "mfa"


def _ask(launcher: Sequence[str], command: Sequence[str]) -> Said:
    """Runs a program of MFA's environment as a run would, but in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="imigue-doctor-", ignore_cleanup_errors=True) as folder:
        return ask(command, _TIMEOUT, {**environment(launcher), "MFA_ROOT_DIR": folder, "NO_COLOR": "1"})


def _missing_program(launcher: Sequence[str]) -> Check | None:
    """A check that failed, if openfst's programs, which MFA starts by their names, are surely out of its reach.

    Where the launcher is a script of the user's own, nobody can tell, and nothing is said.
    """
    conda = conda_environment(launcher)
    within = [*launcher[:-1], _PROGRAM_NEEDED, "--help"]
    if len(launcher) > 1 and Path(launcher[0]).stem in _CONDAS:
        said = _ask(launcher, within)
        absent = said.code == 127 or "not found" in said.output or "No such file" in said.output
    else:
        program = Path(shutil.which(launcher[0]) or launcher[0]).resolve()
        if not (program.parent.parent / "conda-meta").is_dir():
            return None
        absent = shutil.which(_PROGRAM_NEEDED, path=environment(launcher).get("PATH", "")) is None
        if absent and (program.parent / _PROGRAM_NEEDED).exists():
            remedy = f"give MFA by its path: --set 'align.launcher={program}'"
            return Check("MFA programs", False, f"{_PROGRAM_NEEDED} lies beside mfa, but not on PATH", remedy)
    install = f"conda install -n {conda} -c conda-forge openfst"
    return Check("MFA programs", False, f"MFA lacks the program {_PROGRAM_NEEDED}", install) if absent else None


def _trial(launcher: Sequence[str], acoustic: Path) -> Check | None:
    """A check that failed, if MFA cannot begin to align: `version` asks for none of the programs that it needs then.

    It gets no recording, which it says as well, once it has found everything else.
    """
    with TemporaryDirectory(prefix="imigue-doctor-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "corpus").mkdir()
        (folder / "words.dict").write_text(f"word\t{min(phones_of(acoustic))}\n", encoding="utf-8")
        said = ask(
            [
                *(*launcher, "align", str(folder / "corpus"), str(folder / "words.dict"), str(acoustic)),
                *(str(folder / "aligned"), "-t", str(folder / "temporary"), "--clean", "--no_use_postgres", "-j", "1"),
            ],
            _TIMEOUT,
            tool.environment(launcher, folder / "root"),
        )
    if said.code in (None, 0) or not tool.is_incomplete(said.code, said.output):
        return None
    return _broken(launcher, said.output)._replace(name="MFA programs")


def _broken(launcher: Sequence[str], output: str) -> Check:
    if "EnvironmentLocationNotFound" in output or "Could not find conda environment" in output:
        return Check("MFA", False, f"there is no conda environment {conda_environment(launcher)!r}", create())
    detail, package = _missing(output)
    install = f"conda install -n {conda_environment(launcher)} -c conda-forge '{package or _WHOLE}'"
    return Check("MFA", False, detail, install if package else f"{install} --force-reinstall")


def _missing(output: str) -> tuple[str, str | None]:
    """What MFA lacks, in words, and the conda package that holds it, if its output says so."""
    kinds = ((_MODULE, "the module"), (_LIBRARY, "the library"), (_PROGRAM, "the program"))
    for pattern, word in kinds:
        for match in pattern.finditer(output):
            name = next(group for group in match.groups() if group)
            if package := next((candidate for form, candidate in _PACKAGES if re.fullmatch(form, name)), None):
                return f"MFA lacks {word} {name}", package
            if pattern is not _PROGRAM:
                return f"MFA lacks {word} {name}", None
    return f"MFA does not start: {last_line(output)}", None
