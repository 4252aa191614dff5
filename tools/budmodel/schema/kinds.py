"""Which kind of record a path holds. The one table of the catalog's layout (DESIGN §3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from budmodel.schema.base import Record

MIB = 1 << 20


class Kind(NamedTuple):
    """A kind of file: its path inside ``catalog/``, its record, and how large it may be."""

    name: str
    pattern: re.Pattern[str]
    defined: str | None
    """``module:Class`` of its record, imported when asked for: a command uses a few kinds."""
    max_bytes: int = MIB
    owner: str = "people"

    @property
    def record(self) -> type[Record] | None:
        """The class of its record; None for a file that is none."""
        return None if self.defined is None else _record(self.defined)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled by name, so that worker processes share the table instead of copying it."""
        return (KINDS.__getitem__, (self.name,))


@cache
def _record(defined: str) -> type[Record]:
    module, _, name = defined.partition(":")
    found: type[Record] = getattr(import_module(f"budmodel.schema.{module}"), name)
    return found


class Place(NamedTuple):
    """A classified path: its kind and what the path says (``name``, ``version``, ``id``)."""

    kind: Kind
    says: Mapping[str, str]


# Characters that nobody sees, and bytes that are not UTF-8, make a name that no report, page or export can
# tell as it is: such a file is no record, so that rule unknown-file names it.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
)
_unseen = re.compile(f"[{_UNSEEN}]")
_PART = rf"[^/{_UNSEEN}]+"
_TABLE = (
    Kind(name="catalog", pattern=re.compile(r"catalog\.yaml\Z"), defined="governance:CatalogInfo"),
    Kind(name="policy", pattern=re.compile(r"policy\.yaml\Z"), defined="governance:Policy"),
    Kind(name="signers", pattern=re.compile(r"allowed_signers\Z"), defined=None),
    Kind(name="benchmarks", pattern=re.compile(r"benchmarks\.yaml\Z"), defined="benchmark:Benchmarks"),
    Kind(name="hardware", pattern=re.compile(r"hardware\.yaml\Z"), defined="benchmark:Hardware"),
    Kind(name="model", pattern=re.compile(rf"models/(?P<name>{_PART})/model\.yaml\Z"), defined="model:Model"),
    Kind(
        name="version",
        pattern=re.compile(rf"models/(?P<name>{_PART})/versions/(?P<version>{_PART})\.yaml\Z"),
        defined="version:Version",
        max_bytes=16 * MIB,
        owner="importers",
    ),
    Kind(
        name="scan",
        pattern=re.compile(rf"models/(?P<name>{_PART})/scans/(?P<version>{_PART})\.yaml\Z"),
        defined="scan:Scan",
        max_bytes=16 * MIB,
        owner="scanner",
    ),
    Kind(
        name="results",
        pattern=re.compile(
            rf"models/(?P<name>{_PART})/benchmarks/(?P<version>{_PART})/(?P<id>{_PART})\.yaml\Z"
        ),
        defined="benchmark:Results",
        owner="importers",
    ),
    Kind(name="license", pattern=re.compile(rf"licenses/(?P<id>{_PART})\.yaml\Z"), defined="license:License"),
    Kind(name="text", pattern=re.compile(r"licenses/texts/(?P<id>[0-9a-f]{64})\.txt\Z"), defined=None),
    Kind(
        name="acknowledgment",
        pattern=re.compile(
            rf"acknowledgments/(?P<name>{_PART})/(?P<version>{_PART})/(?P<id>{_PART})\.yaml\Z"
        ),
        defined="license:Acknowledgment",
    ),
    Kind(name="waiver", pattern=re.compile(rf"waivers/(?P<id>{_PART})\.yaml\Z"), defined="governance:Waiver"),
    Kind(
        name="tombstone",
        pattern=re.compile(rf"removed/(?P<name>{_PART})\.yaml\Z"),
        defined="governance:Tombstone",
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _TABLE})
IGNORED = frozenset({".gitkeep"})
"""Files that Git needs to keep an empty folder; they hold nothing."""

_by_folder: dict[str, tuple[Kind, ...]] = {}
for _kind in _TABLE:
    _head = _kind.pattern.pattern.partition("/")[0] if "/" in _kind.pattern.pattern else ""
    _by_folder[_head] = (*_by_folder.get(_head, ()), _kind)


def legible(path: str) -> bool:
    """Whether a path can be shown and written as it is."""
    return _unseen.search(path) is None


def classify(path: str) -> Place | None:
    """The kind of the file at a path relative to ``catalog/``; None where no file belongs."""
    head = path.partition("/")[0] if "/" in path else ""
    for kind in _by_folder.get(head, ()):
        match = kind.pattern.match(path)
        if match is not None:
            return Place(kind, match.groupdict())
    return None
