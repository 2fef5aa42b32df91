"""The dashboard's figures for a period, with their confidence intervals."""
