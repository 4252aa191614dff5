"""A part of a catalog in memory."""

from __future__ import annotations

from collections.abc import Mapping

from budmodel.store.tree import FileType, UnreadableError, model_names


class MemoryTree:
    """Files that were collected elsewhere: a part of a catalog, or what a published site holds of it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def types(self) -> Mapping[str, FileType]:
        """Every path."""
        return dict.fromkeys(self.files, "file")

    def type_of(self, path: str) -> FileType | None:
        """What is at one path."""
        return "file" if path in self.files else None

    def model_names(self) -> list[str]:
        """The models of which there are files."""
        return model_names(self.files)

    def files_in(self, folder: str) -> list[str]:
        """The files in a folder."""
        return sorted(path for path in self.files if path.startswith(f"{folder}/"))

    def content_id(self) -> bytes | None:
        """None: nobody remembers a part."""
        return None

    def beside(self) -> Mapping[str, FileType]:
        """Nothing: what was collected is the catalog's alone."""
        return {}

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        if path not in self.files:
            raise UnreadableError("is not a regular file")
        return self.files[path]
