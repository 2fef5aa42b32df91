"""Guidance for sellers: advice, required sentences, prohibited phrases."""
