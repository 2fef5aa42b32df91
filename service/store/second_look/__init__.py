"""Blind second looks and golden cases."""
