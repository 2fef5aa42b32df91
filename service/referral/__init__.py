"""The case pack of a referral: the letter, the evidence, the case as data, and the digests of all."""
