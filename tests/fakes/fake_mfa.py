"""A stand-in for the `mfa` program in tests: it behaves as MFA 3.4 was seen to behave, and aligns nothing really.

It spreads the phones of an utterance evenly over the loud part of its stretch, on MFA's grid of 10 ms. What an
utterance cannot be aligned for: more phones than fit; one of the phones of `FAKE_MFA_HARD` below a beam of 100,
of `FAKE_MFA_HOPELESS` at any. Environment variables ask for a failure (see `_trouble`) and for a record of each
call (`FAKE_MFA_LOG`, a file of JSON lines).

Usage: python fake_mfa.py version | model list|inspect|download ... | align CORPUS DICT ACOUSTIC OUT ... |
g2p WORDS MODEL OUT ...
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from praatio.textgrid import IntervalTier, Textgrid, openTextgrid
from praatio.utilities.constants import Interval

VERSION = "3.4.3"
GRID = 0.010
SHORTEST = 0.1
FLAGS = {"--clean": 0, "--no_use_postgres": 0, "--overwrite": 0, "--quiet": 0, "-q": 0}
OPTIONS = ("-t", "-j", "--output_format", "--beam", "--retry_beam", "--num_pronunciations", "--temporary_directory")
HEADER = (
    *("file", "begin", "end", "speaker"),
    *("overall_log_likelihood", "speech_log_likelihood", "phone_duration_deviation", "snr"),
)


class Utterance(NamedTuple):
    file: str
    begin: float
    end: float
    speaker: str
    words: list[str]


class Aligned(NamedTuple):
    utterance: Utterance
    words: list[tuple[float, float, str]]
    phones: list[tuple[float, float, str]]


def main(arguments: list[str]) -> int:
    """Answers one command."""
    _record(arguments)
    _trouble(arguments)
    command, *rest = arguments or ["--help"]
    if command == "version":
        print(VERSION)
        return 0
    if command == "model":
        return _model(rest)
    positional, options = _parse(rest)
    if command == "align":
        return _align(positional, options)
    if command == "g2p":
        return _g2p(positional, options)
    return _usage(f"No such command '{command}'.")


def _parse(arguments: list[str]) -> tuple[list[Path], dict[str, str]]:
    positional: list[Path] = []
    options: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument in FLAGS:
            options[argument] = ""
        elif argument in OPTIONS:
            options[argument] = next(rest)
        elif argument.startswith("-"):
            _usage(f"No such option: {argument}")
        else:
            positional.append(Path(argument))
    return positional, options


def _align(positional: list[Path], options: dict[str, str]) -> int:
    corpus, dictionary_path, acoustic, out = positional
    _check(positional, options)
    phones = _phones(acoustic)
    work = Path(options["-t"]) / corpus.name
    if "--clean" in options:
        shutil.rmtree(work, ignore_errors=True)
    if out.exists() and "--overwrite" not in options:
        out = work / "textgrids"
    if (work / "done.json").exists():
        _say("INFO", "Alignment already done, skipping.")
        shutil.copytree(work / "stale", out, dirs_exist_ok=True)
        return 0
    work.mkdir(parents=True, exist_ok=True)
    _say("INFO", "Setting up corpus information...")
    if not any(corpus.iterdir()):
        return _error("CorpusError", "There were no files found for this corpus. Please validate the corpus.")
    pronunciations = _dictionary(dictionary_path, phones)
    utterances = [one for wav in sorted(corpus.glob("*.wav")) for one in _utterances(wav)]
    heard = [one for one in utterances if one.end - one.begin >= SHORTEST]
    _say("INFO", f"Found {len({one.speaker for one in heard})} speakers across files.")
    beams = int(options.get("--beam", "10")), int(options.get("--retry_beam", "40"))
    aligned = [found for one in heard if (found := _aligned(one, corpus, pronunciations, max(beams)))]
    print("  0%|          | 0/1 [00:00<?, ?it/s]\r100%|##########| 1/1 [00:00<00:00,  9.00it/s]", file=sys.stderr)
    if not aligned:
        return _error(
            "NoAlignmentsError",
            f"There were no successful alignments for {len(heard)} utterances.",
            f"The current set up used a beam of {beams[0]} and a retry beam of {beams[1]}.",
        )
    out.mkdir(parents=True, exist_ok=True)
    for name in sorted({one.utterance.file for one in aligned}):
        _export(out, corpus / f"{name}.wav", [one for one in aligned if one.utterance.file == name])
    if "FAKE_MFA_NO_TABLE" not in os.environ:
        _table(out / "alignment_analysis.csv", heard, aligned)
    shutil.copytree(out, work / "stale", dirs_exist_ok=True)
    (work / "done.json").write_text("{}")
    _say("INFO", "Done! Everything took 1.000 seconds")
    return 0


def _check(positional: list[Path], options: dict[str, str]) -> None:
    """What MFA looks at before it starts."""
    corpus, dictionary_path, acoustic, out = positional
    for path in (corpus, dictionary_path, acoustic):
        if not path.exists():
            _usage(f'Could not find "{path}".')
    if acoustic.suffix != ".zip" or dictionary_path.suffix not in (".dict", ".txt"):
        _usage("The model has a wrong extension")
    if any(str(path).startswith((os.environ["MFA_ROOT_DIR"], options["-t"])) for path in (corpus, out)):
        _usage("Corpus directories must be outside of MFA's temporary directory to prevent data loss")


def _utterances(wav: Path) -> list[Utterance]:
    """What MFA takes for utterances; it looks into every file, and one that it cannot read ends the run."""
    try:
        with wave.open(str(wav), "rb") as file:
            duration = file.getnframes() / file.getframerate()
            if wav.name in os.environ.get("FAKE_MFA_CORRUPT", "").split(":"):
                raise wave.Error("bad data")
    except wave.Error:
        _say("ERROR", "There was an error in the run, please see the log.")
        sys.exit(_error("SoundFileError", f"Reading {wav} has the following error:", "Format not recognised."))
    grid = openTextgrid(str(wav.with_suffix(".TextGrid")), includeEmptyIntervals=False)
    found = []
    for tier in grid.tiers:
        if tier.name.lower() == "notes" or tier.name.endswith(("words", "phones")):
            continue  # taken for a comment, and for alignments that are there already
        if tier.name in ("utterances", "text"):
            _say("WARNING", "reserved")
            continue
        for start, end, text in tier.entries:
            if start < duration and text.strip():
                found.append(Utterance(wav.stem, start, min(end, duration), tier.name.strip(), text.lower().split()))
    return found


def _aligned(utterance: Utterance, corpus: Path, pronunciations: dict[str, list[str]], beam: int) -> Aligned | None:
    """An utterance's words and phones; None where the beam is too narrow or the text too long."""
    start, end = _loud(corpus / f"{utterance.file}.wav", utterance)
    spoken = [(word, pronunciations.get(word, ["spn"])) for word in utterance.words]
    phones = [(word, phone) for word, sounds in enumerate(spoken) for phone in sounds[1]]
    hard, hopeless = (set(os.environ.get(name, "").split()) for name in ("FAKE_MFA_HARD", "FAKE_MFA_HOPELESS"))
    used = {phone for _, phone in phones}
    frames = int((end - start) / GRID)
    if len(phones) * 3 > frames or used & hopeless or (used & hard and beam < 100):
        return None
    edges = [round(start + GRID * (number * frames // len(phones)), 3) for number in range(len(phones) + 1)]
    placed = [(edges[at], edges[at + 1], phone) for at, (_, phone) in enumerate(phones)]
    words = []
    for number, (word, _) in enumerate(spoken):
        own = [edge for edge, (at, _) in zip(placed, phones, strict=True) if at == number]
        words.append((own[0][0], own[-1][1], word))
    return Aligned(utterance, words, placed)


def _loud(wav: Path, utterance: Utterance) -> tuple[float, float]:
    """Where in an utterance's stretch something is heard, on the grid that begins with it."""
    with wave.open(str(wav), "rb") as file:
        rate = file.getframerate()
        file.setpos(int(utterance.begin * rate))
        sound = np.frombuffer(file.readframes(int((utterance.end - utterance.begin) * rate)), dtype="<i2").astype(float)
    step = int(GRID * rate)
    level = [float(np.abs(sound[at : at + step]).mean()) for at in range(0, len(sound) - step + 1, step)]
    loud = [at for at, value in enumerate(level) if value > 0.1 * max(level)] if max(level, default=0) > 0 else []
    first, last = (loud[0], loud[-1] + 1) if loud else (0, len(level))
    return utterance.begin + first * GRID, utterance.begin + last * GRID


def _export(out: Path, wav: Path, aligned: list[Aligned]) -> None:
    """One TextGrid; with one aligned speaker the tiers do not name him."""
    with wave.open(str(wav), "rb") as file:
        duration = file.getnframes() / file.getframerate()
    grid = Textgrid(0.0, duration)
    speakers = list(dict.fromkeys(one.utterance.speaker for one in aligned))
    for speaker in speakers:
        own = [one for one in aligned if one.utterance.speaker == speaker]
        for kind in ("words", "phones"):
            entries = sorted(Interval(*entry) for one in own for entry in getattr(one, kind))
            name = f"{speaker} - {kind}" if len(speakers) > 1 else kind
            grid.addTier(IntervalTier(name, entries, 0.0, duration))
    grid.save(str(out / f"{wav.stem}.TextGrid"), format="long_textgrid", includeBlankSpaces=True)


def _table(path: Path, heard: list[Utterance], aligned: list[Aligned]) -> None:
    done = {one.utterance[:4] for one in aligned}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for one in heard:
            relative = -52.5 - len(aligned) / 8, 4.5 + len(aligned) / 4  # MFA compares with the phones of the run
            quality: tuple[Any, ...] = (-50.25, *relative, 12.25) if one[:4] in done else ("", "", "", "")
            if one[:4] in done or "FAKE_MFA_NO_BLANK_ROWS" not in os.environ:
                writer.writerow((*one[:4], *quality))


def _phones(acoustic: Path) -> set[str]:
    """The phones of an acoustic model."""
    if not zipfile.is_zipfile(acoustic):
        sys.exit(_error("shutil.ReadError", f"{acoustic} is not a zip file"))
    with zipfile.ZipFile(acoustic) as archive:
        (meta,) = [name for name in archive.namelist() if name.split("/")[-1] == "meta.json"]
        return set(json.loads(archive.read(meta))["phones"])


def _dictionary(path: Path, known: set[str]) -> dict[str, list[str]]:
    """The first pronunciation of each word in phones that the model knows; of the others MFA only warns."""
    found: dict[str, list[str]] = {}
    ignored: list[set[str]] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        word, *rest = line.split()
        while len(rest) > 1 and rest[0].replace(".", "").isdigit():
            rest.pop(0)
        if not rest:
            sys.exit(_error("DictionaryError", f"Error parsing line of {path}: did not have a pronunciation"))
        if set(rest) <= known:
            found.setdefault(word, rest)
        else:
            ignored.append(set(rest) - known)
    if not lines:
        sys.exit(_error("DictionaryError", "empty dictionary"))
    if ignored:
        phones = len(set().union(*ignored))
        _say(
            "WARNING",
            f"There were {len(ignored)} pronunciations in the dictionary that were ignored for containing one of "
            f"{phones} phones not present in the trained acoustic model.  Please run `mfa validate` to get more "
            "details.",
        )
    return found


def _g2p(positional: list[Path], options: dict[str, str]) -> int:
    """Letters for phones; nothing for words with a letter that its model does not know."""
    words, model, out = positional
    if not model.exists():
        return _usage(f'Could not find "{model}".')
    rows = [
        f"{word}\t{' '.join(_letters(word))}" for word in words.read_text(encoding="utf-8").split() if word.isascii()
    ]
    out.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return 0


def _letters(word: str) -> Iterator[str]:
    return ("AA1" if letter in "aeiou" else "T" for letter in word if letter.isalpha())


def _model(arguments: list[str]) -> int:
    root = Path(os.environ.get("MFA_ROOT_DIR", "."), "pretrained_models")
    action, kind, *names = [*arguments, "", ""][:3]
    if action == "download":
        suffix = ".dict" if kind == "dictionary" else ".zip"
        (root / kind).mkdir(parents=True, exist_ok=True)
        path = root / kind / f"{names[0]}{suffix}"
        if kind == "dictionary":
            path.write_text("word W ER1 D\n")
        else:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("meta.json", json.dumps({"version": VERSION, "phones": ["W", "ER1", "D"]}))
                archive.writestr("final.mdl" if kind == "acoustic" else "model.fst", "model")
        return 0
    for path in sorted((root / kind).glob("*")) if kind else []:
        if action == "list" or path.stem == names[0]:
            print(path.stem)
    return 0


def _trouble(arguments: list[str]) -> None:
    """The failure that `FAKE_MFA_TROUBLE` asks for."""
    trouble = os.environ.get("FAKE_MFA_TROUBLE", "")
    aligning = arguments[:1] == ["align"]
    if trouble == "import":
        print('Traceback (most recent call last):\n  File "mfa", line 5, in <module>', file=sys.stderr)
        sys.exit(_error("ModuleNotFoundError", "No module named '_kalpy'"))
    if trouble == "kaldi" and aligning:
        sys.exit(
            _error(
                "ThirdpartyError",
                "Could not find 'gmm-align-compiled'.",
                "Please ensure that you have installed MFA's conda dependencies and are in the correct environment.",
            )
        )
    if trouble == "sqlite" and aligning:
        sys.exit(_error("FileNotFoundError", "[Errno 2] No such file or directory: 'sqlite3'"))
    if trouble == "conda":
        print("EnvironmentLocationNotFound: Not a conda environment: /opt/conda/envs/mfa", file=sys.stderr)
        sys.exit(1)
    if trouble == "crash" and aligning:
        os.kill(os.getpid(), 11)
    if trouble == "silent" and aligning:
        sys.exit(1)
    if trouble == "hang" and aligning:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(os.environ["FAKE_MFA_PIDS"]).write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)


def _record(arguments: list[str]) -> None:
    log = os.environ.get("FAKE_MFA_LOG")
    if not log:
        return
    call: dict[str, Any] = {"arguments": arguments, "environment": dict(os.environ)}
    if arguments[:1] == ["align"]:
        call["corpus"] = sorted(path.name for path in Path(arguments[1]).iterdir())
        call["grids"] = {path.stem: path.read_text() for path in Path(arguments[1]).glob("*.TextGrid")}
        call["dictionary"] = Path(arguments[2]).read_text(encoding="utf-8")
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(call) + "\n")


def _say(level: str, text: str) -> None:
    print(f"\x1b[1m {level:8} \x1b[0m {text}", file=sys.stderr)


def _error(kind: str, *lines: str) -> int:
    text = "\n".join((f"{kind}:", "", *lines)) if len(lines) > 1 else f"{kind}: {lines[0]}"
    print(text, file=sys.stderr)
    return 1


def _usage(text: str) -> NoReturn:
    print(
        f"Usage: mfa [OPTIONS]\n\u256d\u2500 Error \u2500\u256e\n\u2502 {text} \u2502\n\u2570\u2500\u2500\u256f",
        file=sys.stderr,
    )
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
