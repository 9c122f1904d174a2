"""Forced aligners, one folder each."""
