"""What a referral is about: the case, its evidence and its marked pictures."""
