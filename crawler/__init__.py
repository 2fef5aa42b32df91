"""The crawler: listings from shops, platform APIs and files, each with its evidence."""
