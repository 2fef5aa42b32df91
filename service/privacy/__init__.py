"""Personal data: how long it is kept, and how a person's request about it is answered (docs/privacy.md)."""
