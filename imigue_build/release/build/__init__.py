"""Building a release from the artifacts of WORK."""
