"""Goodness of pronunciation (GOP): whether the text of an utterance matches its audio."""
