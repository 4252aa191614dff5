"""A model of the loopback Hub, and what the Hub's APIs say of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

COMMIT = "a" * 40


def git_oid(content: bytes) -> str:
    """Git's object id of a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content: bytes) -> str:
    """The digest as the Hub writes it."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Repo:
    """A model: its files (those in ``lfs`` stored as LFS), and the body of its API answer."""

    repo_id: str
    files: dict[str, bytes] = field(default_factory=dict)
    lfs: frozenset[str] = frozenset()
    sha: str = COMMIT
    facts: dict[str, Any] = field(default_factory=dict)
    recorded: dict[str, Any] | None = None
    """A recorded answer, replayed as it is."""
    sizes: bool = True
    """Whether the API answer has sizes and digests (old ones have not)."""
    tree: bool = True
    refs: dict[str, str] = field(default_factory=dict)
    needs_token: str | None = None

    def body(self, blobs: bool) -> dict[str, Any]:
        """The answer of the models API."""
        if self.recorded is not None:
            return self.recorded
        return {
            "_id": "621ffdc036468d709f1751d8",
            "id": self.repo_id,
            "modelId": self.repo_id,
            "sha": self.sha,
            "private": False,
            "gated": False,
            "disabled": False,
            "lastModified": "2025-07-01T10:00:00.000Z",
            "siblings": [self._sibling(path, blobs and self.sizes) for path in self.files],
        } | self.facts

    def _sibling(self, path: str, blobs: bool) -> dict[str, Any]:
        entry: dict[str, Any] = {"rfilename": path}
        if blobs:
            content = self.files[path]
            entry |= {"size": len(content), "blobId": git_oid(content)}
            if path in self.lfs:
                entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """The answer of the tree API, folders included."""
        folders = {path.rpartition("/")[0] for path in self.files if "/" in path}
        listed: list[dict[str, Any]] = [
            {"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in sorted(folders)
        ]
        for path, content in self.files.items():
            entry: dict[str, Any] = {
                "type": "file",
                "oid": git_oid(content),
                "size": len(content),
                "path": path,
            }
            if path in self.lfs:
                entry["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": 134}
            listed.append(entry)
        return listed
