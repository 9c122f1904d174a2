"""Bounded readers of files that nobody vouches for: any file, YAML, CSV."""
