"""Media that mean harm, made byte by byte where no encoder would write such a thing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

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


# --- Matroska


def mkv_of_zlib(size: int, blocks: int) -> bytes:
    """A track of 8 kHz PCM whose packets are `size` zeros, packed by the container."""

    def element(name: str, content: bytes) -> bytes:
        return bytes.fromhex(name) + (len(content) | 1 << 56).to_bytes(8, "big") + content

    packed = zlib.compress(bytes(size), 9)
    sound = element("E1", element("B5", struct.pack(">f", 8000)) + element("9F", b"\1") + element("6264", b"\x10"))
    packing = element("6D80", element("6240", element("5034", element("4254", b"\0"))))
    numbers = element("D7", b"\1") + element("73C5", b"\1") + element("83", b"\2")
    track = element("AE", numbers + element("86", b"A_PCM/INT/LIT") + sound + packing)
    cluster = (
        element("E7", struct.pack(">I", 10 * at)) + element("A3", b"\x81\0\0\x80" + packed) for at in range(blocks)
    )
    content = element("1654AE6B", track) + b"".join(element("1F43B675", one) for one in cluster)
    return element("1A45DFA3", element("4282", b"matroska")) + element("18538067", content)


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
