"""Files that people and platforms hand in: exports, saved pages, archives, texts of screenshots."""
