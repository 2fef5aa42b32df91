"""Referrals: handing decided cases to whoever acts on them, and following what becomes of it."""
