"""The plan: one file that names what is watched."""
