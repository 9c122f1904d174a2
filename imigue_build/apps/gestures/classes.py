"""The micro-gesture classes of iMiGUE, as numbered and named by its authors."""

from __future__ import annotations

from typing import Final

ILLUSTRATIVE: Final = 99
"""Gestures that illustrate speech: not micro-gestures, but labelled as well."""
LOADER_NUMBERS: Final = {32: ILLUSTRATIVE}
"""Class numbers of data loaders that number the classes without a gap."""
FRAME_RATE: Final = 25
"""Frames per second of every iMiGUE video; frame = floor(time * 25)."""

CLASSES: Final = {
    1: "turtle neck",
    2: "bulging face, deep breath",
    3: "touching hat",
    4: "touching head",
    5: "touching forehead",
    6: "covering face",
    7: "rubbing eyes",
    8: "touching facial parts",
    9: "touching ears",
    10: "biting nails",
    11: "touching jaw",
    12: "touching neck",
    13: "playing hair",
    14: "button, collar, tie",
    15: "suprasternal notch",
    16: "scratching back",
    17: "folding arms",
    18: "dusting clothes",
    19: "arms behind body",
    20: "moving torso",
    21: "sitting straight",
    22: "touching arms",
    23: "rubbing hands",
    24: "crossing fingers",
    25: "minaret gesture",
    26: "manipulating objects",
    27: "holding back arms",
    28: "head up",
    29: "pressing lips",
    30: "arms akimbo",
    31: "shaking shoulders",
    ILLUSTRATIVE: "illustrative",
}
