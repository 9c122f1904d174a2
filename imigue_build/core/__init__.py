"""What all other packages build on: records, intervals, errors, secrets, the system, and readers of untrusted files."""
