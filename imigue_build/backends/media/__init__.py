"""Media files."""
