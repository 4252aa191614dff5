"""What an exporter is: it writes a catalog, or a part of one, in somebody else's format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item


class Exporter(Protocol):
    """A format. The same commit gives the same bytes; nothing asks the clock."""

    binary: bool
    """Whether a terminal could not show it."""
    many: bool
    """Whether one document may hold several models."""
    by_model: bool
    """Whether :attr:`Catalog.by_model` means anything to it."""
    file: str | None
    """Where one model's document is in a folder, with ``{name}`` in it; None where one document holds all."""

    def write(self, catalog: Catalog, items: Iterable[Item], out: BinaryIO) -> None:
        """Writes a document of some models; they come one after another and are let go.

        Args:
            catalog: what all of them share.
            items: the models, by name; exactly one where the format is not for many.
            out: where the bytes go; it need not be seekable.
        """
        ...
