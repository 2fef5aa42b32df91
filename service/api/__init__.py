"""The HTTP API: assess listings, submit them for review, read them back."""
