"""Referrals: sending decided cases to other authorities, and tracking their progress."""
