"""What can go wrong with a backup, each with a message that says what to do."""


class BackupError(Exception):
    """A backup that cannot be made or restored."""


class ArchiveDamaged(BackupError):
    """An archive that is not what was written."""


class WouldOverwrite(BackupError):
    """Something is where the backup would go."""
