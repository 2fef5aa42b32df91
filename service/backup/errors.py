"""Errors of backup and restore, each with a message that says what to do."""


class BackupError(Exception):
    """A backup that cannot be made or restored."""


class ArchiveDamaged(BackupError):
    """An archive that differs from what was written."""


class WouldOverwrite(BackupError):
    """The target already exists."""
