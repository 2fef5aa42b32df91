"""Scoring files of listings, however large: ``ruthan score``."""
