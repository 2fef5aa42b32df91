"""Trains the recognizer that reads lines cut from pictures."""
