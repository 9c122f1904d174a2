"""All backends: those of this package, and those that other wheels add by entry points."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from imigue_build.backends.spec import GROUP, BackendSpec, Needs
from imigue_build.config import Align, BackendSection, Config, Diarize, Task, Transcribe
from imigue_build.core.entry_points import Offer, offers
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    from imigue_build.backends.base import Aligner, Backend, Diarizer, Transcriber
    from imigue_build.models import Wanted

Key = tuple[Task, str]
"""Task and name of a backend."""
Spec = BackendSpec[Any]

_FOLDERS: Final[dict[Key, str]] = {
    ("asr", "pocketsphinx"): "asr.pocketsphinx",
    ("asr", "faster-whisper"): "asr.faster_whisper",
    ("asr", "whisperx"): "asr.whisperx",
    ("asr", "given"): "asr.precomputed",
    ("diarization", "dvector"): "diarization.dvector",
    ("diarization", "segmentation-onnx"): "diarization.segmentation_onnx",
    ("diarization", "pyannote"): "diarization.pyannote",
    ("diarization", "given"): "diarization.precomputed",
    ("alignment", "pocketsphinx"): "alignment.pocketsphinx",
    ("alignment", "mfa"): "alignment.mfa",
}
"""The folders of this package's backends, in the order in which they are listed."""
_SECTIONS: Final[dict[Task, type[BackendSection]]] = {"asr": Transcribe, "diarization": Diarize, "alignment": Align}
"""The base of the sections of each task."""
_GPU_ORDER: Final = ("no", "auto", "yes")


class _BuiltIn(Mapping[Key, Spec]):
    """The backends of this package, each imported when it is asked for: most runs need three of them."""

    def __getitem__(self, key: Key) -> Spec:
        spec: Spec = import_module(f"imigue_build.backends.{_FOLDERS[key]}.spec").SPEC
        return spec

    def __iter__(self) -> Iterator[Key]:
        return iter(_FOLDERS)

    def __len__(self) -> int:
        return len(_FOLDERS)


BUILT_IN: Final = _BuiltIn()


@dataclass(frozen=True)
class _Sections(Mapping[str, type[BackendSection]]):
    """The classes of the sections of a task's backends, by name; as lazy as the backends are."""

    specs: Mapping[Key, Spec]
    task: Task

    def __getitem__(self, name: str) -> type[BackendSection]:
        return self.specs[self.task, name].section

    def __iter__(self) -> Iterator[str]:
        return (name for task, name in self.specs if task == self.task)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Registry:
    """The backends by task and name: the `Catalogue` of configs.

    Attributes:
        outside: Those of other wheels, with the name and version of the wheel.
        problems: Why installed ones are left out, one line each.
    """

    def __init__(self, built_in: Mapping[Key, Spec], outside: Sequence[Offer]) -> None:
        self._added: dict[Key, Spec] = {}
        self._specs: Final[Mapping[Key, Spec]] = ChainMap(self._added, cast("dict[Key, Spec]", built_in))
        self.outside: dict[Key, str] = {}
        self.problems: list[str] = []
        claimed: dict[Key, list[Offer]] = {}
        for offer in outside:
            if problem := offer.problem or _misfit(offer.loaded):
                self.problems.append(f"the backend {offer.name} of {offer.origin} cannot be used: {problem}")
            else:
                claimed.setdefault((offer.loaded.task, offer.loaded.name), []).append(offer)
        for key, rivals in claimed.items():
            self._add(key, rivals)

    def _add(self, key: Key, rivals: Sequence[Offer]) -> None:
        """Adds the one backend of that task and name; of several that claim it, none."""
        origins = " and ".join(offer.origin for offer in rivals)
        what = f"the {key[0]} backend {key[1]!r} of {origins} is not used"
        if key in self._specs:
            self.problems.append(f"{what}: imigue-build has one of that name")
        elif len(rivals) > 1:
            self.problems.append(f"{what}: the name is taken twice, uninstall one of them")
        else:
            self._added[key] = rivals[0].loaded
            self.outside[key] = origins

    def __iter__(self) -> Iterator[Spec]:
        return iter(self._specs.values())

    def find(self, task: Task, name: str) -> Spec | None:
        """The backend of a name; None where there is none here."""
        return self._specs.get((task, name))

    def sections(self, task: Task) -> Mapping[str, type[BackendSection]]:
        """The classes of the sections of a task's backends, by name."""
        return _Sections(self._specs, task)


@cache
def registry() -> Registry:
    """The backends that are installed."""
    return Registry(BUILT_IN, offers(GROUP))


def spec_of(section: BackendSection) -> Spec:
    """The backend that a section names.

    Raises:
        BackendError: If there is none of that name here.
    """
    task = next(task for task, base in _SECTIONS.items() if isinstance(section, base))
    spec = registry().find(task, section.backend)
    if spec is None:
        raise BackendError(f"there is no {task} backend {section.backend!r} here", "install the wheel that brings it")
    return spec


def make(section: BackendSection) -> Backend:
    """The backend of a section, with its parts.

    Raises:
        BackendError: If it cannot be imported.
    """
    spec = spec_of(section)
    parts = {name: make(part) for name, part in spec.parts(section).items()}
    try:
        return spec.factory(section, **parts)
    except ImportError as error:
        remedy = "; ".join(package.install for package in spec.packages) or "install the wheel that brings it again"
        raise BackendError(f"the {spec.task} backend {spec.name} cannot be imported ({error})", remedy) from error


def transcriber(section: Transcribe) -> Transcriber:
    """The ASR backend of a transcribe section."""
    return cast("Transcriber", make(section))


def diarizer(section: Diarize) -> Diarizer:
    """The diarizer of a diarize section."""
    return cast("Diarizer", make(section))


def aligner(section: Align) -> Aligner:
    """The forced aligner of an align section."""
    return cast("Aligner", make(section))


def working(section: BackendSection) -> list[BackendSection]:
    """A section and those of its parts, all of which load and work in one process."""
    parts = [inner for part in spec_of(section).parts(section).values() for inner in working(part)]
    return [section, *parts]


def needs(section: BackendSection) -> Needs:
    """What a process that works on a section takes, with its parts."""
    found = [spec_of(one).needs(one) for one in working(section)]
    most = max(found, key=lambda one: (_GPU_ORDER.index(one.gpu), one.memory.total))
    return found[0]._replace(gpu=most.gpu, memory=most.memory, cores=max(one.cores for one in found))


def models(config: Config) -> list[Wanted]:
    """All models that a config's stages load, in their order; none for a recipe that carries its own."""
    sections = [inner for section in config.backends.values() for inner in working(section)]
    return list(dict.fromkeys(wanted for section in sections for wanted in spec_of(section).models(section)))


def given_file(section: BackendSection, video_id: str) -> Path | None:
    """The file of labels that takes the place of listening to an interview; None where there is none."""
    given = spec_of(section).given
    return given(section, video_id) if given else None


def _misfit(spec: object) -> str:
    """What is wrong with an object that is to be a backend; empty where nothing is."""
    if not isinstance(spec, BackendSpec):
        return f"it is no BackendSpec but a {type(spec).__name__}"
    base = _SECTIONS.get(spec.task)
    if base is None:
        return f"its task {spec.task!r} is none of {', '.join(_SECTIONS)}"
    if not issubclass(spec.section, base):
        return f"its section is not derived from {base.__name__}"
    if get_args(spec.section.model_fields["backend"].annotation) != (spec.name,):
        return f"the backend of its section is not Literal[{spec.name!r}]"
    return ""
