"""What an import tells of versions that are there: disagreements, steps that are too small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.domain.version_bump import Step, step
from budmodel.operations.import_compare import (
    Level,
    config_differences,
    next_version,
    shown,
)
from budmodel.operations.import_match import Here, same_pin
from budmodel.schema.values import is_semver, version_key
from budmodel.schema.version import Version
from budmodel.sources.interface import Note


def of_released(name: str, record: Version, now: Mapping[str, Any]) -> Iterator[Note]:
    """What the source says otherwise of a version that does not change, and whether it was withdrawn."""
    if record.yanked is not None:
        why = shown(record.yanked.reason)
        yield Note(kind="information", field="yanked", message=f"{name}@{record.version} is yanked: {why}")
    for key, (old, new) in config_differences(record, now).items():
        yield Note(
            kind="disagreement",
            field=key,
            message=f"{name}@{record.version} says {key} {shown(old)}, the source says {shown(new)}; "
            "a released version is not changed",
        )


def of_overwritten(name: str, newest: Version, here: Here) -> Iterator[Note]:
    """Whether the bytes at the location of a released version are others by now."""
    if here.model_id is None and here.locations and same_pin(newest, here):
        yield Note(
            kind="disagreement",
            field="storage_path",
            message=f"the bytes at {here.locations[0]} are no longer those of {name}@{newest.version}",
        )


def of_small_step(newest: str, number: str, level: Level) -> Iterator[Note]:
    """Whether a number that the user chose is too near to the version before."""
    if not (is_semver(newest) and is_semver(number)) or version_key(number) < version_key(newest):
        return
    raised = step(newest, number)
    if raised is not None and raised < Step[level.upper()]:
        yield Note(
            kind="disagreement",
            field="version",
            message=f"what changed since {newest} needs a {level} version ({next_version(newest, level)}); "
            f"{number} is too small a step",
        )
