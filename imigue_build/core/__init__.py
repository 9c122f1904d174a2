"""What everything stands on: records, intervals, errors, secrets, the system, and readers of untrusted files."""
