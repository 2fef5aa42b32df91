"""Letters on the console: one about several listings, and what all pages of letters share."""
