"""The folder of uploaded files, beside the database: named by content, written to the disk before their row.

Which files are still referred to is in the database: families/media/files_in_use.py asks it.
"""

from wecom_tollbooth.files.folder import FilesFolder
from wecom_tollbooth.files.incoming import IncomingFile, sync_folder

__all__ = ["FilesFolder", "IncomingFile", "sync_folder"]
