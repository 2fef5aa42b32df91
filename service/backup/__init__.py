"""Backup and restore: one archive with the database, the evidence, the pictures and the bundles."""

from service.backup.errors import BackupError
from service.backup.making import BackupReport, back_up
from service.backup.restoring import RestoreReport, restore

__all__ = ["BackupError", "BackupReport", "RestoreReport", "back_up", "restore"]
