"""What differs between a released version and what its source holds now, and which number that needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import semver

from budmodel.domain.version_bump import Step, needed_by
from budmodel.schema.values import format_count, is_semver
from budmodel.schema.version import File, Version
from budmodel.sources.interface import MAX_SMALL_FILE

Level = Literal["major", "minor", "patch"]

MOST_LISTED = 20
"""Most files of a kind that a changelog names."""
_CAPABILITIES = ("format", "precision", "quantization", "custom_code")
_WEIGHTS = (
    ".safetensors", ".gguf", ".ggml", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".keras", ".msgpack",
    ".onnx", ".onnx_data", ".tflite", ".mlmodel", ".npz", ".npy", ".nemo", ".joblib", ".pb",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDifference:
    """Files of two manifests, by path; sizes in bytes."""

    added: tuple[tuple[str, int], ...] = ()
    removed: tuple[tuple[str, int], ...] = ()
    changed: tuple[tuple[str, int, int], ...] = ()
    """Path, size before, size after."""
    known: bool = True
    """False where one of the two does not list its files, so that nothing can be said."""

    @property
    def empty(self) -> bool:
        """Whether the bytes are known to be the same."""
        return self.known and not (self.added or self.removed or self.changed)

    @property
    def touches_weights(self) -> bool:
        """Whether a file of weights, or any large file, is among them."""
        small = [(path, size) for path, size in (*self.added, *self.removed)]
        return any(is_weights(path, size) for path, size in small) or any(
            is_weights(path, max(before, after)) for path, before, after in self.changed
        )


def is_weights(path: str, size: int) -> bool:
    """Whether a file holds weights, by its name, or is too large for a configuration."""
    return path.casefold().endswith(_WEIGHTS) or size > MAX_SMALL_FILE


def compare_files(
    before: Sequence[File] | None, after: Sequence[Mapping[str, Any]] | None
) -> FilesDifference:
    """What was added, removed and changed; bytes are compared by SHA-256."""
    if before is None or after is None:
        return FilesDifference(known=False)
    old = {file.path: (file.size, file.sha256) for file in before}
    new = {str(file["path"]): (int(file["size"]), str(file["sha256"])) for file in after}
    return FilesDifference(
        added=tuple((path, new[path][0]) for path in sorted(new.keys() - old.keys())),
        removed=tuple((path, old[path][0]) for path in sorted(old.keys() - new.keys())),
        changed=tuple(
            (path, old[path][0], new[path][0])
            for path in sorted(old.keys() & new.keys())
            if old[path][1] != new[path][1]
        ),
    )


def config_differences(before: Version, after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Facts of the two records that both state, or that one adds, by name: before and after."""
    old, new = dict(_facts(_data(before))), dict(_facts(after))
    # A fact that an older record never stated was not necessarily another one.
    return {key: (old[key], new[key]) for key in old if key in new and old[key] != new[key]}


def needed_level(files: FilesDifference, facts: Iterable[str]) -> Level:
    """Major where architecture or vocabulary changed, minor for other weights, patch for small files.

    Where the old version does not list its files, other weights cannot be ruled out: minor. It is never
    less than the rule version-bump-too-small asks for.
    """
    names = list(facts)
    steps = {needed_by(_bare(name)) for name in names if name not in _CAPABILITIES}
    if Step.MAJOR in steps:
        return "major"
    if steps or not files.known or files.touches_weights or any(name in _CAPABILITIES for name in names):
        return "minor"
    return "patch"


def _bare(name: str) -> str:
    return name.removeprefix("fingerprint.")


def next_version(newest: str, level: Level) -> str:
    """The version after another: ``1.2.3`` → ``2.0.0``, ``1.3.0`` or ``1.2.4``."""
    if not is_semver(newest):
        return "1.0.0"
    number = semver.Version.parse(newest).finalize_version()
    return str(number.next_version(level))


def changelog(start: str, before: str, files: FilesDifference, facts: Mapping[str, tuple[Any, Any]]) -> str:
    """What changed against the version before, as sentences and lists for the version record."""
    lines = [start]
    if not files.known:
        lines.append(f"Which files changed is not known, since {before} or this one does not list its files.")
    lines += _listed("Added", [f"{path} ({_size(size)})" for path, size in files.added])
    lines += _listed("Removed", [f"{path} ({_size(size)})" for path, size in files.removed])
    lines += _listed(
        "Changed", [f"{path} ({_size(old)} -> {_size(new)})" for path, old, new in files.changed]
    )
    lines += _listed("Facts", [f"{key} {shown(old)} -> {shown(new)}" for key, (old, new) in facts.items()])
    return "\n".join(lines)


def shown(value: Any, most: int = 80) -> str:
    """A value inside a sentence: short, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        value = ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items())
    elif isinstance(value, list | tuple):
        value = ", ".join(shown(item) for item in value)
    text = " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _data(record: Version) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _facts(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in (data.get("fingerprint") or {}).items():
        yield f"fingerprint.{key}", value
    for key in _CAPABILITIES:
        if data.get(key) is not None:
            yield key, data[key]


def _size(count: int) -> str:
    if count < 10_000:
        return f"{count} bytes"
    text = format_count(count)
    return f"{text[:-1]} {_UNITS[text[-1]]}"


_UNITS = {"K": "kB", "M": "MB", "B": "GB", "T": "TB"}


def _listed(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"and {len(items) - MOST_LISTED} more"] if len(items) > MOST_LISTED else []
    return [f"{title}: {', '.join([*items[:MOST_LISTED], *more])}."]
