"""The dashboard's figures: a period, what happened in it, and how sure a share is."""
