"""Sends complainants the outcome through the channel that they chose."""
