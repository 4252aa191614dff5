"""The tensors that a GGUF header describes, and whether the file can hold them."""

from __future__ import annotations

from array import array

from budmodel.scanners.window import StructureError, UndecidedError

_I64 = (1 << 63) - 1

# Elements of a block and its bytes, by ggml's number of the type, from the block structures in
# https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h. Numbers that ggml has withdrawn, and Q8_1
# and Q8_K, which only live while a model runs, are unknown here.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1),
    25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66),
    39: (32, 17),
}  # fmt: skip


class Tensors:
    """Where tensors lie, relative to the beginning of the data."""

    def __init__(self) -> None:
        self._names: set[bytes] = set()
        self._starts = array("Q")
        self._lengths = array("q")
        """Bytes of a tensor; -1 where its type is unknown."""
        self._unknown: set[int] = set()

    def add(self, name: bytes, shown: str, sizes: list[int], kind: int, offset: int) -> None:
        """Takes a tensor in.

        Raises:
            StructureError: it cannot be.
        """
        if name in self._names:
            raise StructureError("duplicate", f"tensor {shown} is there twice")
        self._names.add(name)
        elements = 1
        for size in sizes:
            elements *= size
            if elements > _I64:
                raise StructureError("overflow", f"tensor {shown} has more elements than can be counted")
        length = -1
        if kind in BLOCKS:
            block, width = BLOCKS[kind]
            row = sizes[0] if sizes else 1
            if row % block:
                raise StructureError(
                    "blocks", f"tensor {shown} has rows of {row}, not of whole blocks of {block}"
                )
            length = elements // block * width
            if length > _I64:
                raise StructureError("overflow", f"tensor {shown} has more bytes than can be counted")
        else:
            self._unknown.add(kind)
        self._starts.append(offset)
        self._lengths.append(length)

    def check(self, data: int, alignment: int) -> None:
        """Tensors lie one after the other, each at the next aligned offset, and fill the file.

        Args:
            data: bytes of the file behind its header and the header's padding; may be below zero.
            alignment: a power of two.

        Raises:
            StructureError: they do not.
        """
        # Padding behind the last thing of a file may be left out.
        at: int | None = 0
        end = 0
        if not self._starts and data <= 0:
            return
        for start, length in sorted(zip(self._starts, self._lengths, strict=True)):
            if start % alignment:
                raise StructureError(
                    "alignment", f"a tensor lies at offset {start}, not at a multiple of {alignment}"
                )
            if start > max(data, 0) or start + max(length, 0) > max(data, 0):
                raise StructureError(
                    "outside", f"the tensor at offset {start} ends behind the end of the file"
                )
            if at is not None and start != at:
                what = "overlap" if start < at else "hole"
                raise StructureError(what, f"the tensor data has a {what} at offset {min(start, at)}")
            end = start + max(length, 0)
            # Where a tensor of an unknown type ends is not known, so nothing is said of what follows it.
            at = None if length < 0 else -(-end // alignment) * alignment
        if at is not None and not end <= data <= at:
            raise StructureError("size", f"the tensors end at offset {end}, and the data has {data} bytes")

    def undecided(self) -> UndecidedError | None:
        """Why tensors could not be judged, where that is so."""
        if not self._unknown:
            return None
        kinds = ", ".join(str(kind) for kind in sorted(self._unknown)[:10])
        return UndecidedError("unsupported", f"tensors have types that are not known here: {kinds}")
