"""Public warnings and their corrections."""
