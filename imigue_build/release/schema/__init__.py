"""The release's definition: layout, rows, provenance."""
