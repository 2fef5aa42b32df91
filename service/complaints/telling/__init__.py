"""Tells complainants the outcome by the channel that they chose."""
