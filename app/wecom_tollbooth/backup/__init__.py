"""Backups of SQLite's file, and whether a database is sound.

A backup is one SQLite file: everything is in the database. PostgreSQL has its own tools: docs/backup.md.
"""

from wecom_tollbooth.backup.checks import Check, check
from wecom_tollbooth.backup.copies import BackupError, Restored, back_up, restore

__all__ = ["BackupError", "Check", "Restored", "back_up", "check", "restore"]
