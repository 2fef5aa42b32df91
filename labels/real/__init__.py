"""Stand-off annotations of real texts, and the filter of the sealed exam."""
