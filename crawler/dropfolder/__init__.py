"""Reads files from people and platforms: exports, saved pages, archives, texts of screenshots."""
