"""Files in a folder of this machine, each there whole or not at all."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import FileSystemStorage


class LocalFiles(FileSystemStorage):
    """Django's storage in a folder, for contents that are named by their digest.

    A process that is killed while it writes must leave nothing that looks like the file: so it is
    written under another name first. What is there by that name is replaced.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        written: str = super()._save(f"{name}.{uuid4().hex}.part", content)  # type: ignore[misc]
        with Path(self.path(written)).open("rb") as file:
            os.fsync(file.fileno())
        Path(self.path(written)).replace(self.path(name))
        return name
