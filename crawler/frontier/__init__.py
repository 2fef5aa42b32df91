"""The frontier: pages still to be fetched, stored so that a kill at any moment loses none."""
