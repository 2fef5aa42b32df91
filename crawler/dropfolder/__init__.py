"""Files handed in by people and platforms: exports, saved pages, archives, texts of screenshots."""
