"""Fetching a model of the Hugging Face hub into its cache, with the hub's own client."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.secrets import TOKENS, scrubbed, token
from imigue_build.models import hub, pins
from imigue_build.models.digests import file_digest
from imigue_build.models.form import Form
from imigue_build.models.wants import Progress, Wanted
from imigue_build.store.disk import describe, guarded, write_atomically

_POLL: Final = 0.3
_TIMEOUT: Final = 30.0
_DENIED: Final = (401, 403)


class _Remote(NamedTuple):
    """A file as the hub lists it; `digest` is its SHA-256, or git's SHA-1 of it."""

    name: str
    size: int
    digest: str


def fetch(form: Form, wanted: Wanted, progress: Progress) -> None:
    """Downloads what of a model is not here yet, checks every file against the hub, and pins them.

    A download that was cut off goes on where it ended.

    Raises:
        BackendError: If it cannot be had, with the reason and what to do; no token is in it.
    """
    repo = form.repository(wanted.name)
    pin = pins.read(wanted.kind, repo, wanted.revision)
    carried = form.wheels.get(repo)
    asked = pin.revision if pin else wanted.revision or (carried.revision if carried else None)
    with _explained(repo, f"; or {carried.install}" if carried else ""):
        client = _client()
        commit, remote = _listing(client, form, repo, asked)
        folder = hub.snapshot_of(repo, commit)
        for file in remote:
            if not _is(folder / file.name, file):
                _discard(folder / file.name)
        with _watched(repo, sum(file.size for file in remote), progress):
            for file in remote:  # one by one in this thread, so that Ctrl-C ends it at once
                client.hf_hub_download(repo, file.name, revision=commit, token=_token())
    for file in remote:
        if not _is(folder / file.name, file):
            _discard(folder / file.name)
            raise BackendError(f"{file.name} of {repo} arrived damaged", "run the same command again")
    if pin is None:
        _refer(repo, asked or "main", commit)
    pin_snapshot(wanted, repo, commit, [file.name for file in remote])


def _refer(repo: str, revision: str, commit: str) -> None:
    """Keeps in the hub's cache which commit a branch or tag is, as its client does, for it and for a lost pin."""
    place = hub.folder_of(repo) / "refs" / revision
    if revision != commit:
        with guarded(f"cannot write {place}"):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, commit.encode())


def verify(form: Form, wanted: Wanted) -> None:
    """Checks a model that is here against the names under which the cache keeps its files, and pins it.

    Raises:
        BackendError: If a file is not what the hub holds.
    """
    repo = form.repository(wanted.name)
    commit = hub.commit_of(repo, wanted.revision)
    if commit is None:
        raise BackendError(f"the {wanted.kind} model {wanted.name} is not here", "fetch it while online")
    folder = hub.snapshot_of(repo, commit)
    names = form.selected(hub.files_in(folder))
    for name in names:
        kept_as = (folder / name).resolve().name
        if len(kept_as) in (40, 64) and not _is(folder / name, _Remote(name, 0, kept_as)):
            raise BackendError(f"{name} of {repo} is damaged", "fetch it again while online")
    pin_snapshot(wanted, repo, commit, names)


def pin_snapshot(wanted: Wanted, repo: str, commit: str, names: list[str]) -> None:
    """Writes the pin of a model whose files are here."""
    folder = hub.snapshot_of(repo, commit)
    files = {name: file_digest(folder / name) for name in names}
    pins.write(pins.Pin(wanted.kind, repo, commit, files), wanted.revision)


def _client() -> Any:
    try:
        import huggingface_hub
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        raise BackendError(
            "the package huggingface_hub is not installed",
            "pip install 'huggingface-hub>=0.34,<3'",
        ) from error
    disable_progress_bars()
    return huggingface_hub


def _token() -> str | bool:
    """What the client takes: False keeps it from tokens that other tools have left on the disk."""
    found = token()
    return found.get_secret_value() if found else False


def _listing(client: Any, form: Form, repo: str, revision: str | None) -> tuple[str, list[_Remote]]:
    """The commit of a revision, and the files that are taken of it."""
    info = client.HfApi(token=_token()).model_info(
        repo, revision=revision or "main", files_metadata=True, timeout=_TIMEOUT
    )
    listed = {file.rfilename: file for file in info.siblings or () if _harmless(file.rfilename)}
    names = form.selected(listed)
    if missing := form.lacking(names):
        what = f"{repo} is no {form.kind} model that can be used: it holds no {', no '.join(missing)}"
        raise BackendError(what, "name another model, or a local folder")
    return info.sha, [_remote(listed[name]) for name in names]


def _harmless(name: str) -> bool:
    """Whether a name is that of a file inside the model's folder."""
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")


def _remote(sibling: Any) -> _Remote:
    lfs = sibling.lfs
    digest = (lfs.get("sha256") if isinstance(lfs, dict) else getattr(lfs, "sha256", None)) or sibling.blob_id or ""
    return _Remote(sibling.rfilename, sibling.size or 0, digest)


def _is(path: Path, remote: _Remote) -> bool:
    """Whether a file is here with the content that the hub states; without a statement, whether it is here."""
    with guarded(f"cannot read {path}"):
        if not path.is_file():
            return False
        if len(remote.digest) == hashlib.sha256().digest_size * 2:
            return file_digest(path) == remote.digest
        if len(remote.digest) == hashlib.sha1(usedforsecurity=False).digest_size * 2:
            return _git_digest(path) == remote.digest
        return True


def _git_digest(path: Path) -> str:
    """The SHA-1 by which git names a file's content; only small files have no SHA-256 on the hub."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _discard(path: Path) -> None:
    """Removes a file from the cache, so that the client does not take it for the right one."""
    with guarded(f"cannot remove {path}"):
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)


@contextmanager
def _watched(repo: str, total: int, progress: Progress) -> Iterator[None]:
    """Reports bytes while inside, by what has arrived in the cache: the client tells no caller."""
    blobs, done = hub.folder_of(repo) / "blobs", threading.Event()
    before = _size(blobs)

    def watch() -> None:
        while not done.wait(_POLL):
            progress(min(_size(blobs) - before, total), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    progress(total, total)


def _size(folder: Path) -> int:
    size = 0
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                size += path.stat().st_size
    return size


@contextmanager
def _explained(repo: str, instead: str) -> Iterator[None]:
    """Turns what the client raises into one error that says what to do, or `instead`.

    The cause is left out on purpose: the client's errors carry the request with its headers.
    """
    try:
        yield
    except ImigueError:
        raise
    except Exception as error:
        raise _explanation(repo, error, instead) from None


def _explanation(repo: str, error: Exception, instead: str) -> ImigueError:
    from huggingface_hub import errors

    page = f"https://huggingface.co/{repo}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    set_it = f"set {TOKENS[0]} to a token of that account (https://huggingface.co/settings/tokens)"
    if isinstance(error, errors.GatedRepoError):
        given = f"with the account of the token in {TOKENS[0]}" if token() else f"when logged in, then {set_it}"
        return BackendError(f"{repo} is gated: its terms are not accepted", f"accept them at {page} {given}")
    if isinstance(error, errors.RevisionNotFoundError):
        return BackendError(f"{repo} has no such revision on the hub", f"see {page}/commits/main")
    if isinstance(error, errors.RepositoryNotFoundError) or status in _DENIED:
        refused = f"it is gated or private, or the token in {TOKENS[0]} is refused" if token() else "it is private"
        remedy = f"check its name; if it is right, ask for access at {page} and {set_it}"
        return BackendError(f"the hub shows nobody {repo}: there is none, or {refused}", remedy)
    if isinstance(error, OSError) and error.errno is not None and not _of_network(error):
        return describe(error, f"cannot keep {repo}")
    reason = _reason(error)
    if status is not None:
        remedy = f"run the same command again later; it goes on{instead}"
        return BackendError(f"the hub failed on {repo} ({reason})", remedy)
    remedy = "check this machine's network (a proxy is taken from HTTPS_PROXY), then run the same command again; "
    return BackendError(
        f"the hub cannot be reached for {repo} ({reason})", f"{remedy}it goes on where it ended{instead}"
    )


def _reason(error: object) -> str:
    """What a client says went wrong; where its error wraps another one, what that says."""
    inner = getattr(error, "reason", None) or next(iter(getattr(error, "args", ())), None)
    if isinstance(inner, Exception):
        return _reason(inner)
    return scrubbed(" ".join(str(error).split()) or type(error).__name__)[:200]


def _of_network(error: OSError) -> bool:
    """Whether an error is one of a connection; the client's derive from `OSError` too."""
    return isinstance(error, ConnectionError | TimeoutError) or type(error).__module__.split(".")[0] in (
        "requests",
        "httpx",
        "urllib3",
        "huggingface_hub",
    )
