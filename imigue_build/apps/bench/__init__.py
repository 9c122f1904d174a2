"""Benchmarks on top of a release or of the field's emotion corpora."""
