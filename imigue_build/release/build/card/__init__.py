"""The dataset card: what the release holds, how it was made, how good it is, how to load, license and cite it."""

from typing import Final

CARD_FORM: Final = 5
"""The version of the card's form. Raise it when the card of the same release changes: the next run writes it anew."""
