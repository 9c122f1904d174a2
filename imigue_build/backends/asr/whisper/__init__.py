"""Post-processing of Whisper's text: words with times, and flags for suspect text."""
