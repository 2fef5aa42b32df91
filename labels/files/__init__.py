"""How files are written: privately, whole, by one process at a time. Imports nothing of ours."""
