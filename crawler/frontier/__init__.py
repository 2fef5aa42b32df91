"""The frontier: which pages are still to be fetched, kept so that a kill at any moment loses none."""
