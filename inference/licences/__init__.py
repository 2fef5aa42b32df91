"""Finds licence and permit numbers in the raw text of a listing.

Public: :func:`find_numbers`. The shapes are those that the Thai Food and Drug Administration and the
Department of Health Service Support print on licences and permits; each module names its own.
"""

from inference.licences.reader import find_numbers

__all__ = ["find_numbers"]
