"""Goodness of pronunciation (GOP): whether an utterance's sound fits its text."""
