"""The case pack of a referral: letter, evidence, case data and digests."""
