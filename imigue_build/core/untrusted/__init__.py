"""Bounded readers of untrusted files: any file, YAML, CSV."""
