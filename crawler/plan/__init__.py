"""The plan: one file that lists what is watched."""
