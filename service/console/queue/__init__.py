"""The queue and its saved views."""
