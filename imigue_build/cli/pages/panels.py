"""Under which heading the help of a command has an option, by the option's name; one place for all commands."""

from __future__ import annotations

from typing import Any, Final

_PANELS: Final = {
    "Inputs": "work videos config overrides settings corrections labels dataset root features layer revision text "
    "text_column label_column id_column label_map encoding model model_labels subjects split split_file "
    "probe source gestures",
    "Outputs": "release out folder save_probe html to audio_root link_audio",
    "What to run": "only shard strict force verify allow_partial splits",
    "Corrections": "swap_roles interviewee interviewer speakers merge word drop comment",
    "How to run": "jobs executor ray_address folds class_weight seed device cache",
    "Messages": "trace as_json quiet verbose help",
}
_PANEL_OF: Final = {name: panel for panel, names in _PANELS.items() for name in names.split()}
_ORDER: Final = (None, *_PANELS)


def arranged(params: list[Any]) -> list[Any]:
    """The parameters of a command with their headings, in the order of these; arguments come first.

    WORK is an output of commands that take VIDEOS, and an input of all others.
    """
    makes = any(param.name == "videos" for param in params)
    for param in params:
        if param.param_type_name == "option":
            output = makes and param.name == "work"
            param.rich_help_panel = "Outputs" if output else _PANEL_OF.get(param.name, param.rich_help_panel)
    return sorted(params, key=_place)


def _place(param: Any) -> int:
    panel = param.rich_help_panel if param.param_type_name == "option" else None
    return _ORDER.index(panel) if panel in _ORDER else 0
