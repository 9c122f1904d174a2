"""A double of the Hugging Face hub on a local port: model listings and files, as its client asks for them.

It can be gated, cut a download off, garble a file, and it writes down every request with its headers.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 1000
"""From this many bytes on a file is one of LFS, named by its SHA-256, as on the hub."""


@dataclass
class Repository:
    """One revision of a model; `gated` asks for `token`."""

    files: dict[str, bytes]
    commit: str = "a" * 40
    gated: bool = False
    token: str = ""


@dataclass
class Hub:
    """What the server offers and what it was asked for."""

    repositories: dict[str, Repository]
    address: str = ""
    cut: dict[str, int] = field(default_factory=dict)
    """File name -> bytes after which its next download is cut off."""
    garbled: set[str] = field(default_factory=set)
    """Files that arrive with another content than the listing states, this once."""
    slow: float = 0.0
    """Seconds that a large file takes."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def downloads(self) -> list[str]:
        """Names of the files that were asked for with GET, in order."""
        return [
            path.split("/resolve/")[1].split("/", 1)[1]
            for method, path, _ in self.asked
            if "/resolve/" in path and method == "GET"
        ]


def git_digest(data: bytes) -> str:
    """The SHA-1 by which git names a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@contextmanager
def serving(repositories: dict[str, Repository]) -> Iterator[Hub]:
    """The double, answering while inside."""
    hub = Hub(repositories)

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path, dict(self.headers)))
        if path.startswith("/api/models/"):
            name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
            self._model(name, revision)
        elif "/resolve/" in path:
            name, _, rest = path.removeprefix("/").partition("/resolve/")
            _, _, file = rest.partition("/")
            self._file(name, file, body)
        else:
            self._send(404, b"no such thing")

    def _model(self, name: str, revision: str) -> None:
        found = self.hub.repositories.get(name)
        if found is None:
            self._send(401, b'{"error": "Repository not found"}', {"X-Error-Code": "RepoNotFound"})
        elif revision not in ("main", found.commit, ""):
            self._send(404, b'{"error": "Revision Not Found"}', {"X-Error-Code": "RevisionNotFound"})
        else:
            files = [_listed(file, data) for file, data in found.files.items()]
            document = {"id": name, "sha": found.commit, "siblings": files, "gated": "auto" if found.gated else False}
            self._send(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _file(self, name: str, file: str, body: bool) -> None:
        found = self.hub.repositories[name]
        if found.gated and self.headers.get("Authorization") != f"Bearer {found.token}":
            self._send(403 if self.headers.get("Authorization") else 401, b"gated", {"X-Error-Code": "GatedRepo"})
            return
        data = found.files[file]
        etag = hashlib.sha256(data).hexdigest() if len(data) >= LARGE else git_digest(data)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": found.commit, "Accept-Ranges": "bytes"}
        if not body:
            self._send(200, b"", {**headers, "Content-Length": str(len(data))})
            return
        if file in self.hub.garbled:
            self.hub.garbled.discard(file)
            data = bytes(len(data))
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._send(206 if start else 200, data[start:], headers, self.hub.cut.pop(file, None))

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._write(data[:cut])
        if cut is not None:
            self.close_connection = True

    def _write(self, data: bytes) -> None:
        pieces = 100 if self.hub.slow and len(data) >= LARGE else 1
        size = -(-len(data) // pieces) or 1
        with suppress(ConnectionError):
            for start in range(0, len(data), size):
                self.wfile.write(data[start : start + size])
                if pieces > 1:
                    time.sleep(self.hub.slow / pieces)


def _listed(file: str, data: bytes) -> dict[str, Any]:
    large = {"lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}}
    return {"rfilename": file, "size": len(data), "blobId": git_digest(data), **(large if len(data) >= LARGE else {})}
