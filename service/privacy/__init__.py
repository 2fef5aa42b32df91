"""Personal data: retention rules and data subjects' requests (docs/privacy.md)."""
