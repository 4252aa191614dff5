"""What decides about a catalog: its policy, licences, waivers, tombstones, definitions and signers."""

from __future__ import annotations

from budmodel.domain.licensing import LicenseBook
from budmodel.domain.signers import SignerBook
from budmodel.errors import DataError
from budmodel.rules.interface import Judges
from budmodel.schema.governance import Policy, ScanPolicy, Tombstone, Waiver
from budmodel.schema.license import Acknowledgment, License
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import CATALOG


def judges_of(snapshot: Snapshot, definitions: Snapshot | None = None) -> Judges:
    """What decides, as a catalog states it.

    Benchmark and hardware definitions come from ``definitions``: they are described, not trusted, so a
    change may bring a definition together with its first result.
    """
    policy = snapshot.record(f"{CATALOG}/policy.yaml", Policy) or Policy()
    return Judges(
        policy=policy,
        licenses=LicenseBook.at(snapshot.records("license", License)),
        waivers=dict(snapshot.records("waiver", Waiver)),
        tombstones={record.name: record for _, record in snapshot.records("tombstone", Tombstone)},
        described=definitions or snapshot,
        signers=signers_of(snapshot),
    )


def scan_policy(snapshot: Snapshot) -> ScanPolicy:
    """What a catalog demands of scans."""
    entry = snapshot.entry(f"{CATALOG}/policy.yaml")
    # A policy that cannot be read must not make the scan laxer: the strict default holds.
    return entry.record.scans if entry is not None and isinstance(entry.record, Policy) else ScanPolicy()


def signers_of(snapshot: Snapshot) -> SignerBook:
    """Who may sign, as a catalog says; nobody where the file is absent or cannot be read."""
    entry = snapshot.entry(f"{CATALOG}/allowed_signers")
    return SignerBook.EMPTY if entry is None or entry.unreadable is not None else SignerBook.parse(entry.raw)


def sure_judges_of(snapshot: Snapshot) -> Judges:
    """As :func:`judges_of`, for answers that must not fall back on defaults.

    Raises:
        DataError: the policy or the list of signers is there and cannot be read: what it forbids is unknown.
    """
    for name in ("policy.yaml", "allowed_signers"):
        entry = snapshot.entry(f"{CATALOG}/{name}")
        if entry is None and snapshot.tree.type_of(f"{CATALOG}/{name}") is not None:
            raise DataError(
                f"{CATALOG}/{name}:1:1: is no file; nothing can be decided without it, so mend it first"
            )
        if entry is None or (entry.unreadable is None and not entry.problems):
            continue
        line, column, what = 1, 1, "the record is invalid"
        if entry.unreadable is not None:
            line, column, what = entry.unreadable.line, entry.unreadable.column, entry.unreadable.message
        raise DataError(
            f"{CATALOG}/{name}:{line}:{column}: {what}; nothing can be decided without it, so mend it first"
        )
    return judges_of(snapshot)


def acknowledgments_of(
    snapshot: Snapshot, name: str | None = None, version: str | None = None
) -> list[tuple[str, Acknowledgment]]:
    """The acknowledgments that lie with a version, with a model, or all, by path: the oldest first."""
    folder = "/".join(filter(None, (CATALOG, "acknowledgments", name, version))) + "/"
    paths = sorted(path for path in snapshot.paths("acknowledgment") if path.startswith(folder))
    found = ((path, snapshot.record(path, Acknowledgment)) for path in paths)
    return [(path, one) for path, one in found if one is not None]


def unreadable_acknowledgments(snapshot: Snapshot, name: str | None = None) -> list[str]:
    """The files among the acknowledgments, of all or of one model, that hold no record."""
    folder = "/".join(filter(None, (CATALOG, "acknowledgments", name))) + "/"
    paths = (path for path in snapshot.paths("acknowledgment") if path.startswith(folder))
    return sorted(path for path in paths if snapshot.record(path, Acknowledgment) is None)


def accepted_of(snapshot: Snapshot, name: str, version: str) -> list[Acknowledgment]:
    """The acknowledgments of a version that speak of it: a copy from elsewhere counts for nothing here."""
    found = (one for _, one in acknowledgments_of(snapshot, name, version))
    return [one for one in found if (one.name, one.version) == (name, version)]
