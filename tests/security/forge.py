"""Media that mean harm: made byte by byte where no encoder would write such a thing."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Script = Callable[["Bait"], str]


class Bait(NamedTuple):
    """What a hostile file tries to reach: a recording outside the folder, and an address that listens."""

    file: Path
    url: str


def _hls(entry: str) -> str:
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:5,\n{entry}\n#EXT-X-ENDLIST\n"


def _dash(base: str) -> str:
    return (
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011"'
        ' type="static" mediaPresentationDuration="PT5S" minBufferTime="PT1S"><Period duration="PT5S">'
        '<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="128000">'
        f"<BaseURL>{base}</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>\n"
    )


SCRIPTS: dict[str, Script] = {
    "hls of a file": lambda bait: _hls(str(bait.file)),
    "hls of a file url": lambda bait: _hls(f"file://{bait.file}"),
    "hls of the network": lambda bait: _hls(f"{bait.url}/a.ts"),
    "hls of concat": lambda bait: _hls(f"concat:{bait.file}|{bait.url}/a.ts"),
    "hls with a key": lambda bait: _hls(f'#EXT-X-KEY:METHOD=AES-128,URI="{bait.url}/key"\n{bait.file}'),
    "hls with a map": lambda bait: _hls(f'#EXT-X-MAP:URI="{bait.url}/init.mp4"\n{bait.url}/a.mp4'),
    "hls of playlists": lambda bait: (
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"
        f'{bait.url}/a.m3u8\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b",URI="{bait.file}.m3u8"\n'
    ),
    "m3u": lambda bait: f"#EXTM3U\n{bait.file}\n{bait.url}/a.mp3\n",
    "dash of a file": lambda bait: _dash(str(bait.file)),
    "dash of the network": lambda bait: _dash(f"{bait.url}/a.mp4"),
    "ffconcat of a file": lambda bait: f"ffconcat version 1.0\nfile '{bait.file}'\n",
    "ffconcat of the network": lambda bait: f"ffconcat version 1.0\nfile {bait.url}/a.ts\n",
    "ffconcat of playlists": lambda bait: f"ffconcat version 1.0\nfile '{bait.file}.m3u8'\noption safe 0\n",
    "concat without a header": lambda bait: f"file '{bait.file}'\nfile '{bait.url}/a.ts'\n",
    "sdp": lambda bait: (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=audio {bait.url.rpartition(':')[2]} RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"
    ),
    "imf": lambda bait: (
        '<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
        f"<Id>urn:uuid:0</Id><ContentTitle>{bait.file}</ContentTitle></CompositionPlaylist>\n"
    ),
    "asx": lambda bait: f'<ASX version="3.0"><Entry><Ref href="{bait.url}/a.asf"/></Entry></ASX>\n',
    "asf reference": lambda bait: f"[Reference]\nRef1={bait.url}/a.asf\nRef2=file://{bait.file}\n",
    "pls": lambda bait: f"[playlist]\nFile1={bait.file}\nFile2={bait.url}/a.mp3\nNumberOfEntries=2\n",
    "ram": lambda bait: f"rtsp://{bait.url.removeprefix('http://')}/a.rm\nfile://{bait.file}\n",
    "rtsp text": lambda bait: f"rtsptextRTSP://{bait.url.removeprefix('http://')}/a\n",
    "f4m": lambda bait: f'<manifest xmlns="http://ns.adobe.com/f4m/1.0"><media url="{bait.url}/a.flv"/></manifest>\n',
    "smil": lambda bait: f'<smil><body><audio src="{bait.url}/a.rm"/><audio src="{bait.file}"/></body></smil>\n',
    "metadata": lambda bait: f";FFMETADATA1\ntitle={bait.file}\n",
    "vobsub": lambda bait: (
        f"# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\n# {bait.file}\ntimestamp: 00:00:00:000, filepos: 0\n"
    ),
    "srt": lambda bait: f'1\n00:00:00,000 --> 00:00:05,000\n<img src="{bait.url}/a.png">{bait.file}\n',
    "webvtt": lambda bait: (
        f"WEBVTT\n\nSTYLE\n::cue {{ background: url({bait.url}/a.png) }}\n\n00:00.000 --> 00:05.000\n{bait.file}\n"
    ),
    "ass": lambda bait: (
        f"[Script Info]\nScriptType: v4.00+\nAudio URI: {bait.file}\nVideo File: {bait.url}/a\n[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,x,,0,0,0,,x\n"
    ),
    "sami": lambda bait: f'<SAMI><BODY><SYNC Start=0><P><img src="{bait.url}/a.png"></SYNC></BODY></SAMI>\n',
    "avisynth": lambda bait: f'DirectShowSource("{bait.file}")\n',
    "svg": lambda bait: f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{bait.url}/a.png"/></svg>\n',
}
"""Texts that make players open other files or addresses."""

SUFFIXES = {
    "hls": ".m3u8",
    "m3u": ".m3u",
    "dash": ".mpd",
    "ffconcat": ".ffconcat",
    "concat": ".txt",
    "sdp": ".sdp",
    "imf": ".xml",
    "asx": ".asx",
    "asf": ".asf",
    "pls": ".pls",
    "ram": ".ram",
    "rtsp": ".mov",
    "f4m": ".f4m",
    "smil": ".smil",
    "metadata": ".ffmeta",
    "vobsub": ".idx",
    "srt": ".srt",
    "webvtt": ".vtt",
    "ass": ".ass",
    "sami": ".smi",
    "avisynth": ".avs",
    "svg": ".svg",
}
"""The suffix of each kind of script's own, by the first word of its name."""


# --- MP4 and MOV


def atom(kind: bytes, *content: bytes) -> bytes:
    """A box of an MP4, or an atom of a MOV."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    return atom(kind, struct.pack(">I", flags), *content)


MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mov(reference: bytes, *, offset: int = 44, seconds: int = 2, rate: int = 44_100) -> bytes:
    """A MOV whose one PCM track takes its samples from what `reference`, an entry of `dref`, names, at `offset`."""
    count = seconds * rate
    entry = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, rate << 16)
    stbl = atom(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), atom(b"sowt", entry)),
        _full(b"stts", struct.pack(">III", 1, count, 1)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full(b"stsz", struct.pack(">II", 2, count)),
        _full(b"stco", struct.pack(">II", 1, offset)),
    )
    dinf = atom(b"dinf", _full(b"dref", struct.pack(">I", 1), reference))
    mdia = atom(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, rate, count, 0, 0)),
        _full(b"hdlr", b"mhlrsoun", bytes(12), b"\0"),
        atom(b"minf", _full(b"smhd", bytes(4)), dinf, stbl),
    )
    tkhd = _full(
        b"tkhd", struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, seconds * 1000, 0, 0, 0x100, 0), MATRIX, bytes(8), flags=7
    )
    mvhd = _full(
        b"mvhd",
        struct.pack(">IIIIIH10x", 0, 0, 1000, seconds * 1000, 0x10000, 0x100),
        MATRIX,
        bytes(24),
        struct.pack(">I", 2),
    )
    return atom(b"ftyp", b"qt  ", bytes(4), b"qt  ") + atom(b"moov", mvhd, atom(b"trak", tkhd, mdia))


def alias(path: Path) -> bytes:
    """An entry of `dref` that names a file as the Finder of old did: absolute, and as in the folder above the MOV's."""
    name = path.name.encode()[:63]
    head = bytes(10) + b"\0".ljust(28, b"\0") + bytes(12) + bytes((len(name),)) + name.ljust(63, b"\0")
    head += bytes(16) + struct.pack(">HH", 2, 1) + bytes(16)
    whole = str(path).encode().replace(b"/", b":")
    record = struct.pack(">HH", 2, len(whole)) + whole + bytes(len(whole) % 2)
    return _full(b"alis", head, record, struct.pack(">hH", -1, 0))


def link(url: str) -> bytes:
    """An entry of `dref` that names an address."""
    return _full(b"url ", url.encode() + b"\0")


def reference_movie(url: str) -> bytes:
    """A MOV that holds nothing but the address of another."""
    rdrf = _full(b"rdrf", b"url ", struct.pack(">I", len(url) + 1), url.encode() + b"\0")
    return atom(b"ftyp", b"qt  ", bytes(4), b"qt  ") + atom(b"moov", atom(b"rmra", atom(b"rmda", rdrf)))


# --- AVI


def avi_with_subtitles(wav: bytes, script: bytes) -> bytes:
    """An AVI with the sound of a WAV of plain header, and a stream of subtitles (GAB2) that holds a file of its own."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2)

    def listed(kind: bytes, *chunks: bytes) -> bytes:
        return chunk(b"LIST", kind + b"".join(chunks))

    form, sound = wav[20:36], wav[44:]
    rate, align = struct.unpack("<4xI4xH", form[:14])
    gab2 = (
        b"GAB2\0" + struct.pack("<HI", 2, 4) + "x\0".encode("utf-16-le") + struct.pack("<HI", 4, len(script)) + script
    )
    header = struct.pack("<IIIIIIIIII16x", 40_000, 0, 0, 0x10, 1, 0, 2, 0, 0, 0)
    audio = struct.pack(
        "<4s4sIHHIIIIIIII8x", b"auds", bytes(4), 0, 0, 0, 0, align, rate * align, 0, len(sound) // align, 0, 0, align
    )
    texts = struct.pack("<4s4sIHHIIIIIIII8x", b"txts", bytes(4), 0, 0, 0, 0, 1, 25, 0, 1, 0, 0, 0)
    streams = (
        listed(b"strl", chunk(b"strh", audio), chunk(b"strf", form)),
        listed(b"strl", chunk(b"strh", texts), chunk(b"strf", b"")),
    )
    movi = listed(b"movi", chunk(b"01tx", gab2), chunk(b"00wb", sound))
    body = b"AVI " + listed(b"hdrl", chunk(b"avih", header), *streams) + movi
    return struct.pack("<4sI", b"RIFF", len(body)) + body


# --- sound out of next to nothing


def wav_header(rate: int, channels: int, size: int, bits: int = 16) -> bytes:
    """The head of a WAV that states whatever it is told to, as far as its fields can."""
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels & 0xFFFF, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", min(36 + size, 0xFFFFFFFF), b"WAVE", b"fmt ", 16)
        + form
        + struct.pack("<4sI", b"data", min(size, 0xFFFFFFFF))
    )


def mp2_silence(frames: int) -> bytes:
    """MPEG-1 layer II, 32 kHz mono at 32 kbit/s: 36 ms of silence to a frame, with no word of how many there are."""
    frame = b"\xff\xfd\x18\xc0"  # layer II, 32 kbit/s, 32 kHz... silent where nothing is allocated
    return (frame + bytes(144 - 4)) * frames


def _crc(data: bytes, polynomial: int, width: int) -> int:
    value = 0
    for byte in data:
        value ^= byte << (width - 8)
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value >> (width - 1) & 1 else 0)
            value &= (1 << width) - 1
    return value


def flac_silence(frames: int, *, rate: int = 8000, total: int = 0) -> bytes:
    """FLAC of constant frames: 8 s of silence for 16 bytes. `total` samples are stated (0: unknown)."""
    size = 65_535
    packed = (rate << 44) | (0 << 41) | (15 << 36) | total
    info = struct.pack(">HH3s3sQ16x", size, size, b"\0\0\0", b"\0\0\0", packed)
    found = [b"fLaC", struct.pack(">I", 0x80000000 | len(info)), info]
    codes = {8000: 4, 44_100: 9, 16_000: 5}
    for number in range(frames):
        head = bytes((0xFF, 0xF8, 0x70 | codes[rate], 0x08)) + _utf8(number) + struct.pack(">H", size - 1)
        head += bytes((_crc(head, 0x07, 8),))
        frame = head + b"\0" + b"\0\0"  # one constant subframe, its value
        found.append(frame + struct.pack(">H", _crc(frame, 0x8005, 16)))
    return b"".join(found)


def _utf8(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass")
