"""How a backend describes itself: once, in a module `spec.py` that imports nothing heavy.

Configs, `doctor`, `fetch-models`, the sharing of GPUs, the dataset card, `diff` and completion follow from it. Those of
this package are listed in `registry`; another wheel adds one by an entry point in the group `imigue_build.backends`:

    [project.entry-points."imigue_build.backends"]
    my-asr = "my_package.spec:SPEC"

    class MyTranscribe(Transcribe):
        backend: Literal["my-asr"]
        beam: Count = 5

    def _make(section: MyTranscribe) -> Transcriber:
        from my_package.transcriber import MyTranscriber  # heavy imports belong in here
        return MyTranscriber(section)

    SPEC = BackendSpec(name="my-asr", task="asr", section=MyTranscribe, factory=_make, tools=("my-asr",))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar

from pydantic import TypeAdapter

from imigue_build.config import BackendSection, Section, Task
from imigue_build.config.base import MODEL, is_marked, is_of_machine
from imigue_build.core import extras

if TYPE_CHECKING:
    from imigue_build.backends.base import Backend
    from imigue_build.backends.check import Check
    from imigue_build.models import Wanted

S = TypeVar("S", bound=BackendSection)

GROUP: Final = "imigue_build.backends"
"""The entry points of backends in other wheels."""


@dataclass(frozen=True)
class Package:
    """A Python package that a backend imports.

    Attributes:
        name: As it is installed.
        versions: Those that were made to work together, as pip writes them: `>=1.2.1,<2`.
        extra: The extra of imigue-build that installs it, a key of `core.extras.EXTRAS`; empty where there is none.
        on_cpu: The versions that will do where no GPU is used; empty: the same.
        beside: What pip is to install with it.
        library: A CUDA library that it opens by name at first use, where a GPU is used.
    """

    name: str
    versions: str = ""
    extra: str = ""
    on_cpu: str = ""
    beside: tuple[str, ...] = ()
    library: str = ""

    @property
    def install(self) -> str:
        """The command that installs it."""
        return extras.remedy(self.extra) if self.extra else f"pip install {self.requirement}"

    @property
    def requirement(self) -> str:
        """What pip takes, quoted for a shell."""
        return " ".join(f"'{text}'" for text in (f"{self.name}{self.versions}", *self.beside))


class GpuMemory(NamedTuple):
    """How much of a GPU's memory models take: an estimate, in GiB.

    Attributes:
        fixed: Whatever the batch is.
        each: More for each piece of a batch.
        batch: Pieces at once.
        setting: The setting that says how many, where it can be lowered.
        what: The models, in words.
        smaller: What to do where not even one piece fits.
    """

    fixed: float = 0.0
    each: float = 0.0
    batch: int = 1
    setting: str = ""
    what: str = ""
    smaller: str = ""

    @property
    def total(self) -> float:
        """Of a whole batch."""
        return self.fixed + self.batch * self.each


class Needs(NamedTuple):
    """What a process that works on a section takes.

    Attributes:
        gpu: `auto` uses one where there is one, `yes` does not run without.
        memory: Of the GPU.
        cores: Of the processor, where no GPU is used.
        interviews: How many it takes at once at the most; it changes no result.
        seconds: Of sound that several are together, at the most.
    """

    gpu: Literal["no", "auto", "yes"] = "no"
    memory: GpuMemory = GpuMemory()
    cores: int = 1
    interviews: int = 1
    seconds: float = math.inf


class Quality(NamedTuple):
    """What is known of the results, for people who build a release or read its card.

    Attributes:
        limits: A sentence or two on errors, for the card.
        measured: Whether the figures in it were measured by imigue-build.
        unfit: Why the results are not of research quality, as an end of "They were made by ..."; empty where they are.
    """

    limits: str = ""
    measured: bool = False
    unfit: str = ""


_UNKNOWN: Final = Quality()
_ANY: Final = TypeAdapter(Any)


def _nothing(section: Any) -> tuple[()]:
    return ()


def _no_parts(section: Any) -> dict[str, BackendSection]:
    return {}


def _usual_needs(section: Any) -> Needs:
    return Needs()


@dataclass(frozen=True)
class BackendSpec(Generic[S]):
    """A backend as the rest of the program sees it.

    Attributes:
        name: What a config names in `backend`.
        task: What it does.
        section: The class of its settings.
        factory: Makes it from its section, and from its parts by name.
        packages: What it imports that does not come with imigue-build.
        models: The models that a section needs.
        needs: What a process takes for a section.
        parts: Sections of other backends that work for it; they are made and handed to the factory.
        given: The file of labels that takes the place of listening, for an interview; None where there is none.
        checks: What `doctor` finds out besides; the section is None where the config names another backend.
        notes: What to say to somebody who runs a section, one line each.
        quality: What is known of its results.
        tools: Names of the tools in its provenance.
        model_names: How the names of the models in its provenance begin.
    """

    name: str
    task: Task
    section: type[S]
    factory: Callable[..., Backend]
    packages: tuple[Package, ...] = ()
    models: Callable[[S], Sequence[Wanted]] = _nothing
    needs: Callable[[S], Needs] = _usual_needs
    parts: Callable[[S], Mapping[str, BackendSection]] = _no_parts
    given: Callable[[S, str], Path | None] | None = None
    checks: Callable[[S | None], Sequence[Check]] = _nothing
    notes: Callable[[S], Sequence[str]] = _nothing
    quality: Quality = _UNKNOWN
    tools: tuple[str, ...] = ()
    model_names: tuple[str, ...] = ()

    @property
    def defaults(self) -> dict[str, Any]:
        """The settings on which a result depends and that have a default, JSON-ready."""
        return _defaults(self.section)

    @property
    def model_settings(self) -> tuple[str, ...]:
        """The settings that name models."""
        fields = self.section.model_fields.items()
        return tuple(name for name, field in fields if is_marked(field, MODEL))


def _defaults(section: type[Section]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        if not field.is_required() and not is_of_machine(field):
            value = field.get_default(call_default_factory=True)
            found[name] = (
                value.identity() if isinstance(value, Section) else TypeAdapter(Any).dump_python(value, mode="json")
            )
    return found
