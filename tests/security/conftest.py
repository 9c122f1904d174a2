"""What hostile files try to reach, and how long the answer to one may take."""

from __future__ import annotations

import resource
import selectors
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.errors import MediaError
from tests.media import clicks, write_wav
from tests.security.scripts import Bait

LONGEST_ANSWER = 10.0
"""Seconds of a processor, ours and ffmpeg's together: on a machine that has nothing else to do, of waiting as well."""

ODD_NAMES = [
    "-i.wav",
    "--help.wav",
    "-.wav",
    "a b.wav",
    "a'b\"c`d.wav",
    "$(touch x).wav",
    ";rm -rf x;.wav",
    "a\nb.wav",
    "a\tb\r.wav",
    "a\x1b[31mb.wav",
    "a\x7f.wav",
    "..mp4.wav",
    "a..b.wav",
    "...wav",
    "%s%n%d.wav",
    "a|b>c<d&e.wav",
    "a:b.wav",
    "http:a.wav",
    "pipe:0.wav",
    "subfile,,start,0,end,9,,:a.wav",
    "\N{LATIN SMALL LETTER E WITH ACUTE} \N{LATIN SMALL LETTER U WITH DIAERESIS}.wav",
    "e\N{COMBINING ACUTE ACCENT}.wav",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.wav",
    "\N{GRINNING FACE}.wav",
    "a\N{LINE SEPARATOR}b.wav",
    "x" * 251 + ".wav",
]
"""Names of recordings that are no ids."""


class Listener:
    """An address of this machine that notes who calls: TCP and UDP on one port."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self._stop = Event()
        self._tcp, self._udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        self._tcp.bind(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp.bind(("127.0.0.1", self.port))
        self._tcp.listen(50)
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._tcp.close()
        self._udp.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in (self._tcp, self._udp):
                selector.register(one, selectors.EVENT_READ)
            while not self._stop.is_set():
                for key, _ in selector.select(0.1):
                    if key.fileobj is self._udp:
                        self.calls.append(self._udp.recv(200))
                    else:
                        caller, _ = self._tcp.accept()
                        self.calls.append(b"called")
                        caller.close()


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """One for the session; `bait` looks that nobody called it in a test."""
    found = Listener()
    yield found
    found.close()


@pytest.fixture
def bait(tmp_path: Path, listener: Listener) -> Iterator[Bait]:
    """A recording in `tmp_path` and an address; after the test nobody may have called there."""
    listener.calls.clear()
    canary = write_wav(tmp_path / "canary.wav", clicks(2.0))
    Path(f"{canary}.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:2,\n{canary}\n#EXT-X-ENDLIST\n")
    yield Bait(canary, f"http://127.0.0.1:{listener.port}")
    assert listener.calls == []


def busy_seconds() -> float:
    """How long this process and those that it has waited for have kept a processor busy."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


class Answer(NamedTuple):
    """What came of a file: the refusal (empty where there is none), and the WAVs' bytes so far as they were written."""

    said: str
    written: bytes
    warnings: list[str]


@pytest.fixture
def answer(tmp_path: Path) -> Callable[..., Answer]:
    """Decodes a file; the answer comes in time, and a refusal is one line with the file's name and a remedy."""

    def answered(path: Path, **limits: float) -> Answer:
        out, refused, warnings = tmp_path / "out", MediaError(""), list[str]()
        out.mkdir(exist_ok=True)
        wavs = (out / "44.wav", out / "16.wav")
        started = busy_seconds()
        try:
            ffmpeg.decode(path, *wavs, Extract.model_validate(limits), warn=warnings.append)
        except MediaError as error:
            refused = error
        said = str(refused)
        if said:
            assert said.isprintable()
            assert refused.remedy
            assert str(path.parent) not in said
        assert busy_seconds() - started < LONGEST_ANSWER
        written = b"".join(wav.read_bytes() for wav in wavs if wav.exists())
        for wav in wavs:
            wav.unlink(missing_ok=True)
        assert list(out.iterdir()) == []
        return Answer(said, written, warnings)

    return answered
