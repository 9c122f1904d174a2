"""Places in a config that take the section of any backend of a task.

Which backends there are, a `Catalogue` says, which the loader is given: the settings know none of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo

from imigue_build.config.base import Section

Task = Literal["asr", "diarization", "alignment"]
"""What a backend does."""


class BackendSection(Section):
    """Base of the sections of backends. `backend` is a literal, the backend's name."""

    backend: str


class Catalogue(Protocol):
    """The backends that can be named."""

    def sections(self, task: Task) -> Mapping[str, type[BackendSection]]:
        """Name -> the class of its section, in the order in which they are listed."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """Why installed backends cannot be used, one line each."""
        ...


class _NoBackends:
    problems: tuple[str, ...] = ()

    def sections(self, task: Task) -> Mapping[str, type[BackendSection]]:
        return {}


NO_BACKENDS: Final[Catalogue] = _NoBackends()
"""The catalogue where no backend is known."""


class NoBackendError(ValueError):
    """There is no section, or one that names no backend, where one of these is to be named."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(f"no backend is named; the known ones are {', '.join(map(repr, known))}")


class UnknownBackendError(ValueError):
    """A section names a backend that there is not.

    Attributes:
        known: Those that there are.
        problems: Why others that are installed cannot be used.
    """

    def __init__(self, known: Sequence[str], problems: Sequence[str]) -> None:
        self.known, self.problems = tuple(known), tuple(problems)
        super().__init__(f"there is no such backend; the known ones are {', '.join(map(repr, known))}")


@dataclass(frozen=True)
class Slot:
    """Marks a setting, in its annotation: it takes the section of any backend of a task."""

    task: Task

    def __get_pydantic_core_schema__(self, source: type[BackendSection], handler: GetCoreSchemaHandler) -> Any:
        def checked(value: Any) -> Any:
            if not isinstance(value, source):
                raise ValueError("a section with a backend is expected")
            return value

        return handler.generate_schema(Annotated[Any, BeforeValidator(self._section), AfterValidator(checked)])

    def _section(self, value: Any, info: ValidationInfo) -> Any:
        """The section in a document, validated by the class of the backend that it names.

        Raises:
            ValidationError: If it names none, or does not fit.
        """
        if info.context is None or isinstance(value, BackendSection):
            return value
        catalogue: Catalogue = info.context
        sections = catalogue.sections(self.task)
        if not isinstance(value, dict) or "backend" not in value:
            raise NoBackendError(list(sections))
        name = value["backend"]
        section = sections.get(name) if isinstance(name, str) else None
        if section is None:
            error = UnknownBackendError(list(sections), catalogue.problems)
            raise ValidationError.from_exception_data(
                "section", [{"type": "value_error", "loc": ("backend",), "input": name, "ctx": {"error": error}}]
            )
        return section.model_validate(value, context=catalogue)


def slot_of(field: FieldInfo) -> Slot | None:
    """The slot that a setting is; None where it is none."""
    return next((mark for mark in field.metadata if isinstance(mark, Slot)), None)
