"""How large a step from one version to the next must be, by what they say of themselves (DESIGN §3).

A changed architecture or vocabulary needs a new major: prompts, adapters and serving engines made for the old
one do not fit the new one. A new capability or another base model needs a minor. The rest is a patch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import semver

from budmodel.schema.model import BaseModelReference
from budmodel.schema.values import version_key
from budmodel.schema.version import Fingerprint, Version


class Step(IntEnum):
    """The part of a version number that is raised, from the smallest to the largest."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


_MINOR = frozenset(["context_length"])
_TEXT = {"vocab_size": "the vocabulary", "context_length": "a capability"}


def needed_by(key: str) -> Step:
    """The step that a change of one fact of a fingerprint needs.

    The architecture is meant in the wide sense: its name and its shape (layers, heads, experts), without
    which no weights of the one load into the other.
    """
    return Step.MINOR if key in _MINOR else Step.MAJOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between two versions, and the step that it needs."""

    what: str
    """For a sentence: ``the vocabulary (vocab_size 32000 → 128256)``."""
    needs: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is compared of a version, its model filling in what the version does not state itself."""

    fingerprint: Mapping[str, Any]
    """Only what is stated."""
    model_architecture: str | None
    bases: Mapping[tuple[str, str], frozenset[str]] | None
    """The versions or revisions that are named of each parent and relation; None where none is stated."""

    @classmethod
    def of(cls, version: Version, architecture: str | None, bases: Iterable[BaseModelReference]) -> Facts:
        """The facts of a version.

        Args:
            version: the record.
            architecture: what the model of that time states.
            bases: the parents that the model of that time states; a version's own, frozen ones win.
        """
        stated = version.fingerprint
        own = version.base_models
        return cls(
            fingerprint=stated.model_dump(exclude_none=True) if stated is not None else {},
            model_architecture=architecture,
            bases=_bases(own) if own is not None else _bases(bases) or None,
        )


def _bases(bases: Iterable[BaseModelReference]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for base in bases:
        pin = base.revision if base.external else base.version
        key = (base.name, base.relation)
        found[key] = found.get(key, frozenset()) | ({pin} if pin is not None else frozenset())
    return found


def differences(before: Facts, after: Facts) -> Iterator[Difference]:
    """What differs in a way that asks for more than a patch. What one side does not state is not compared."""
    # A version that does not say so itself was of the architecture that its model states.
    was = before.fingerprint.get("architecture", before.model_architecture)
    now = after.fingerprint.get("architecture", after.model_architecture)
    if was is not None and now is not None and was.casefold() != now.casefold():
        yield Difference(what=f"the architecture ({was} → {now})", needs=Step.MAJOR)
    for key in Fingerprint.model_fields:
        old, new = before.fingerprint.get(key), after.fingerprint.get(key)
        if key != "architecture" and None not in (old, new) and old != new:
            what = f"{_TEXT.get(key, 'the architecture')} ({key} {old} → {new})"
            yield Difference(what=what, needs=needed_by(key))
    if _other_bases(before.bases, after.bases):
        yield Difference(what="what it was made of (base_models)", needs=Step.MINOR)


def _other_bases(
    before: Mapping[tuple[str, str], frozenset[str]] | None,
    after: Mapping[tuple[str, str], frozenset[str]] | None,
) -> bool:
    """Whether the parents differ; to name a version where none was named is no difference."""
    if before is None or after is None:
        return False
    if before.keys() != after.keys():
        return True
    return any(before[key] and after[key] and before[key] != after[key] for key in before)


def unstated(before: Facts, after: Facts) -> tuple[str, ...]:
    """Facts that need a major where they change, and that the later version no longer states."""
    stated = {*after.fingerprint, *(["architecture"] if after.model_architecture is not None else [])}
    return tuple(key for key in before.fingerprint if key not in stated and needed_by(key) is Step.MAJOR)


def step(before: str, after: str) -> Step | None:
    """The part of the number that was raised; None for pre-releases of one and the same release.

    SemVer 2.0.0 §9: "A pre-release version indicates that the version is unstable and might not satisfy the
    intended compatibility requirements as denoted by its associated normal version." So between 2.0.0-rc.1
    and 2.0.0 nothing is promised. §4: "Major version zero (0.y.z) is for initial development. Anything MAY
    change at any time"; there the minor stands for the major, as package managers hold it.

    Raises:
        ValueError: a text is not SemVer.
    """
    old, new = semver.Version.parse(before), semver.Version.parse(after)
    if old.major != new.major:
        return Step.MAJOR
    if old.minor != new.minor:
        return Step.MAJOR if new.major == 0 else Step.MINOR
    if old.patch != new.patch:
        return Step.PATCH
    return None if old.prerelease else Step.PATCH


def smallest(before: str, needs: Step) -> str:
    """The lowest number after ``before`` with that step: 1.2.3 → 2.0.0, 1.3.0 or 1.2.4.

    Raises:
        ValueError: the text is not SemVer.
    """
    old = semver.Version.parse(before).finalize_version()
    if needs is Step.MAJOR and old.major:
        return str(old.bump_major())
    return str(old.bump_patch() if needs is Step.PATCH else old.bump_minor())


def preceding(version: str, others: Mapping[str, bool]) -> str | None:
    """The version that a new one is measured by; None where nothing comes before.

    The nearest before it by SemVer 2.0.0 precedence (§11) that people may rely on: a release rather than a
    pre-release, and one that stands rather than one that was withdrawn.

    Args:
        version: the new version.
        others: SemVer versions, and whether each is withdrawn.
    """
    key = version_key(version)
    before = [other for other in others if other != version and version_key(other) < key]
    released = [other for other in before if not semver.Version.parse(other).prerelease]
    for choice in ([one for one in released if not others[one]], released, before):
        if choice:
            return max(choice, key=version_key)
    return None
