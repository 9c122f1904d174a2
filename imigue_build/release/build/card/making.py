"""How the release was made: stages, settings, tools and models, by its provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from imigue_build.config import SECTIONS, Export, Extract, RolesRule
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.markdown import plain
from imigue_build.release.build.card.backends import BackendFacts, Describe
from imigue_build.release.build.card.forms import table
from imigue_build.release.schema.layout import PROVENANCE
from imigue_build.release.schema.provenance import Model, Provenance, Source

_STAGES: Final = {
    "extract": "decodes the video once: 44.1 kHz mono, which is released, and 16 kHz for the models",
    "transcribe": "words with times and confidences, by speech recognition or from given files",
    "diarize": "who speaks when, where there is speech, and overlap where it can be detected",
    "speakers": "applies corrections of who speaks, and says who of the speakers is the interviewee",
    "align": "places words and phones in the sound (forced alignment), and gives each word to a speaker",
    "export": "cuts segments; writes clips, texts, TextGrids and tables",
}
_SHOWN: Final = (
    "transcribe.language",
    "diarize.num_speakers",
    "diarize.min_speakers",
    "diarize.max_speakers",
    "roles.rule",
    "align.pause",
    "export.max_segment",
    "export.pause",
    "export.pad",
    "export.clip_overlap",
)
"""Settings that a reader of the corpus should know, whatever their values."""


def making(provenance: Provenance, describe: Describe) -> str:
    """The section, with its tables."""
    config = provenance.config
    facts = _backends(config, describe)
    others = [video for video in provenance.videos.values() if _differs(video)]
    defaults = _defaults(facts)
    parts = [
        "## How it was made\n",
        f"By imigue-build {provenance.imigue_build}, in these stages:\n",
        table(("stage", "what it does", "by"), _stages(config, facts), numbers=False),
        table(("setting", "value", "default"), _settings(config, defaults, facts), numbers=False),
        f"Times are in seconds. What is not named here has its default value; `{PROVENANCE}` lists all settings.\n",
    ]
    if others:
        of_all = f"{len(others):,} of {counted(len(provenance.videos), 'interview')}"
        parts.append(f"For {of_all} other settings or tools were used; `{PROVENANCE}` names them.\n")
    if provenance.tools:
        parts.append(table(("tool", "version"), provenance.tools.items(), numbers=False))
    if provenance.models:
        parts.append(table(("model", "revision", "sha256"), _models(provenance.models), numbers=False))
    return "\n".join(parts)


def _differs(video: Source) -> bool:
    return bool(video.config) or video.tools is not None or video.models is not None


def _backends(config: Mapping[str, Any], describe: Describe) -> dict[str, BackendFacts]:
    """What is known of the backends, by stage."""
    named = {stage: settings["backend"] for stage, settings in config.items() if settings and "backend" in settings}
    return {stage: describe(stage, backend) or BackendFacts() for stage, backend in named.items()}


def _stages(config: Mapping[str, Any], facts: Mapping[str, BackendFacts]) -> Iterator[tuple[str, str, str]]:
    for stage, what in _STAGES.items():
        section = SECTIONS[stage]
        if section in config:
            own = "ffmpeg" if stage == "extract" else "imigue-build"
            yield stage, what, _by(config[section], own, facts.get(section, BackendFacts()).models)


def _by(settings: Mapping[str, Any] | None, own: str, names_of_models: Sequence[str]) -> str:
    if settings is None:
        return "not known any more"
    models = [plain(str(settings[key])) for key in names_of_models if settings.get(key)]
    return plain(str(settings.get("backend", own))) + (f" ({', '.join(models)})" if models else "")


def _models(models: Iterable[Model]) -> Iterator[tuple[str, str, str]]:
    for model in models:
        yield model.name, model.revision, f"`{model.sha256[:12]}`" if model.sha256 else "-"


def _settings(
    config: Mapping[str, Any], defaults: Mapping[str, Any], facts: Mapping[str, BackendFacts]
) -> Iterator[tuple[str, str, str]]:
    """Those that matter to a reader, and those that are not the defaults of their backends."""
    elsewhere = {f"{stage}.{key}" for stage, known in facts.items() for key in ("backend", *known.models)}
    for name, value in sorted(_flat(config)):
        usual = defaults.get(name, value)
        if name in _SHOWN or (value != usual and name not in elsewhere):
            yield f"`{name}`", _value(value), _usual(name, value, defaults)


def _usual(name: str, value: Any, defaults: Mapping[str, Any]) -> str:
    if name not in defaults:
        return "-"
    return "the same" if value == defaults[name] else _value(defaults[name])


def _defaults(facts: Mapping[str, BackendFacts]) -> dict[str, Any]:
    """The settings that a recipe of the same backends would have had, by dotted key."""
    own = {"extract": Extract(), "roles": RolesRule(), "export": Export()}
    sections: dict[str, Mapping[str, Any]] = {stage: section.identity() for stage, section in own.items()}
    return dict(_flat(sections | {stage: known.defaults for stage, known in facts.items()}))


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list | tuple):
        return ", ".join(plain(str(item)) for item in value) or "none"
    return plain(f"{value:g}" if isinstance(value, float) else str(value))
