"""Commands on a finished release, each in its own room, and doctor."""
