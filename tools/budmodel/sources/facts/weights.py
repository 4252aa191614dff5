"""Parameters counted in the weights: what the Hub says of their headers, the headers themselves, GGUF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.gguf import GgufError, GgufSummary, read_gguf
from budmodel.sources.facts.numbers import table, whole
from budmodel.sources.facts.safetensors import WIDTHS, HeaderError, read_header

MAX_FOLDERS = 8
"""Most parts of a pipeline (encoders, transformer, decoder) that are counted."""
MAX_HEADERS = 4
"""Most weights files whose headers are read; a model with more shards has an index."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Elements in safetensors files."""

    total: int
    by_type: Mapping[str, int] = field(default_factory=dict)
    """Elements by dtype; empty where only the sum is known."""
    guess: str = ""
    """What was assumed, where something was."""


def stated_by_hub(documents: Documents) -> Counted | None:
    """The Hub's ``safetensors`` block."""
    block = table(documents.listing.facts.get("safetensors"))
    types = {
        name: count
        for name, value in table(block.get("parameters")).items()
        if (count := whole(value)) is not None and name in WIDTHS
    }
    total = whole(block.get("total")) or sum(types.values())
    return Counted(total, types) if total else None


def in_headers(documents: Documents, paths: tuple[str, ...]) -> Counted | None:
    """Elements of the safetensors files at ``paths``: by folder in MAX_HEADERS headers, else by the index."""
    files = sorted(path for path in paths if path.endswith(".safetensors"))
    folders = sorted({path.rpartition("/")[0] for path in files})
    parts = [
        _in_folder(documents, [path for path in files if path.rpartition("/")[0] == folder])
        for folder in folders[:MAX_FOLDERS]
    ]
    counts: Counter[str] = Counter()
    for part in parts:
        if part is None:
            return None
        counts.update(part.by_type)
    total = sum(part.total for part in parts if part is not None)
    guess = next((part.guess for part in parts if part is not None and part.guess), "")
    return Counted(total, dict(counts) if counts.total() == total else {}, guess) if total else None


def _in_folder(documents: Documents, files: list[str]) -> Counted | None:
    if len(files) <= MAX_HEADERS:
        counts: Counter[str] = Counter()
        for path in files:
            header = _header(documents, path)
            if header is None:
                return None
            counts.update(header)
        return Counted(sum(counts.values()), dict(counts)) if counts.total() else None
    return _by_index(documents, files)


def _by_index(documents: Documents, files: list[str]) -> Counted | None:
    index = next((path for path in sorted(documents.paths) if _is_index(path, files)), None)
    metadata = table(documents.json(index).get("metadata")) if index else {}
    total = whole(metadata.get("total_parameters"))
    if total:
        return Counted(total)
    size = whole(metadata.get("total_size")) or sum(documents.sizes.get(path, 0) for path in files)
    # The middle shard: the first often holds little but embeddings.
    header = _header(documents, files[len(files) // 2]) if size else None
    if not header:
        return None
    bytes_of = sum(count * WIDTHS[kind] for kind, count in header.items())
    if not bytes_of:
        return None
    types = {kind: round(count * size / bytes_of) for kind, count in header.items() if count}
    mixed = "the dtypes of one shard were taken for all" if len(types) > 1 else ""
    return Counted(sum(types.values()), types, mixed)


def _is_index(path: str, files: list[str]) -> bool:
    return path.endswith(".safetensors.index.json") and path.rpartition("/")[0] == files[0].rpartition("/")[0]


def _header(documents: Documents, path: str) -> Mapping[str, int] | None:
    try:
        return read_header(_reader(documents, path))
    except HeaderError as error:
        documents.notes.add("information", path, f"{path} has no usable safetensors header: {error}")
        return None


def read_gguf_files(documents: Documents, paths: tuple[str, ...]) -> GgufSummary | None:
    """The summary of a GGUF repository: the Hub's, else that of the first file (all of its shards)."""
    files = sorted(path for path in paths if path.endswith(".gguf") and "mmproj" not in path.lower())
    block = table(documents.listing.facts.get("gguf"))
    name = block.get("architecture")
    if whole(block.get("total")) and isinstance(name, str):
        return GgufSummary(
            architecture=name[:96],
            elements=whole(block.get("total")),
            context_length=whole(block.get("context_length")),
        )
    if not files:
        return None
    first = _gguf(documents, files[0])
    if first is None or "-of-" not in files[0]:
        return first
    stem = files[0].rpartition("-of-")[0].rpartition("-")[0]
    shards = [path for path in files if path.startswith(f"{stem}-") and "-of-" in path]
    if len(shards) > MAX_HEADERS * 4:
        return GgufSummary(first.architecture, None, first.context_length, first.file_type, first.numbers)
    parts = [first, *(_gguf(documents, path) for path in shards[1:])]
    known = [part.elements or 0 for part in parts if part is not None]
    elements = sum(known) if len(known) == len(parts) else None
    return GgufSummary(first.architecture, elements, first.context_length, first.file_type, first.numbers)


def _gguf(documents: Documents, path: str) -> GgufSummary | None:
    try:
        return read_gguf(_reader(documents, path))
    except GgufError as error:
        documents.notes.add("information", path, f"{path} has no usable GGUF header: {error}")
        return None


def _reader(documents: Documents, path: str) -> Callable[[int, int], bytes | None]:
    def read(start: int, length: int) -> bytes | None:
        size = documents.sizes.get(path)
        if size is not None:
            length = min(length, size - start)
        # A source that answers with more than was asked for must not fill the memory of what reads on.
        return (documents.range(path, start, length) or b"")[:length] if length > 0 else b""

    return read
