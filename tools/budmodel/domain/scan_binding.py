"""Whether a scan record speaks of the very version that it lies beside."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.manifest import manifest_sha256
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version


def differences(scan: Scan, record: Version, manifest: str | None = None) -> Iterator[tuple[str, str]]:
    """In what a record speaks of something else: the field, and a part of a sentence that begins with a verb.

    A record without locations was made from a local copy: it proves the bytes, wherever they lie.

    Args:
        scan: the record.
        record: the version as it is now.
        manifest: the digest of its files, where it is known already.
    """
    verdict = scan.status in ("PASSED", "FAILED")
    manifest = manifest or (manifest_sha256(record.files) if record.files else None)
    if scan.manifest_sha256 is not None and manifest is None:
        yield "manifest_sha256", f"is bound to bytes, but version {record.version} lists no files"
    elif scan.manifest_sha256 is not None and scan.manifest_sha256 != manifest:
        yield "manifest_sha256", f"is bound to other bytes than version {record.version} lists"
    if scan.source != record.source and (verdict or scan.source is not None):
        yield "source", f"names another source than version {record.version}"
    if verdict and record.storage_path is not None and scan.locations:
        wanted = record.storage_path.rstrip("/")
        if wanted not in (location.rstrip("/") for location in scan.locations):
            yield "locations", f"does not say that {record.storage_path} was read"
