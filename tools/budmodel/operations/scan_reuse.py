"""What earlier scans have seen of the same bytes, so that nobody reads them again.

An earlier row counts only where the very same engine, with the same version and the same signature database,
made it, and where the record that holds it is as trustworthy as the one to be made: a signed record is never
built from rows that nobody trusted has signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from budmodel.domain.evidence import judge_signature
from budmodel.domain.formats import required_engines
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.scan_results import FileRecord, fails
from budmodel.domain.signers import SignerBook
from budmodel.operations.finding import versions_with_digests
from budmodel.schema.governance import ScanPolicy
from budmodel.schema.scan import FileVerdict, Scan, ScanEngine, ScanFinding
from budmodel.schema.version import File, Version
from budmodel.store.catalog import Snapshot

_LOOKS_AROUND = frozenset({"onnx", "json", "python"})
"""Formats of which a verdict depends on the other files of the version."""
_Key = tuple[str, str]


@dataclass(slots=True)
class _Known:
    record: FileRecord
    engines: tuple[ScanEngine, ...]
    paths: frozenset[str]


@dataclass(slots=True)
class SeenBefore:
    """Rows of earlier scans by digest and last name of the file, since a name takes part in the verdict."""

    policy: ScanPolicy
    signers: SignerBook
    signing: bool
    """Whether the records to be made are signed, so that only trusted ones may be used."""
    _known: dict[_Key, list[_Known]] = field(default_factory=dict)

    def add_catalog(self, snapshot: Snapshot, digests: Set[str]) -> None:
        """Takes up all records of a catalog that speak of one of these digests."""
        for entry in versions_with_digests(snapshot, digests):
            record = entry.record
            if isinstance(record, Version) and record.files:
                scan = snapshot.model(entry.says("name")).scan(entry.says("version"))
                if scan is not None:
                    self.add(scan, record.files)

    def add(self, scan: Scan, files: Sequence[File]) -> None:
        """Takes up one record, where it is bound to these files and may be trusted."""
        if scan.manifest_sha256 != manifest_sha256(files) or not self.trusts(scan, files):
            return
        if scan.status in ("PASSED", "FAILED"):
            self._add_rows(files, scan.files, scan.findings, scan.engines)
        if scan.attempt is not None:
            self._add_rows(files, scan.attempt.files_done, scan.attempt.findings, scan.attempt.engines)

    def _add_rows(
        self,
        files: Sequence[File],
        rows: Sequence[FileVerdict],
        findings: Sequence[ScanFinding],
        engines: Sequence[ScanEngine],
    ) -> None:
        paths = frozenset(file.path for file in files)
        by_path: dict[str, list[FileVerdict]] = {}
        for row in rows:
            by_path.setdefault(row.path, []).append(row)
        of_path: dict[str | None, list[ScanFinding]] = {}
        for finding in findings:
            of_path.setdefault(finding.path, []).append(finding)
        for file in files:
            if file.path in by_path:
                found = FileRecord(rows=tuple(by_path[file.path]), findings=tuple(of_path.get(file.path, ())))
                self.keep(file, found, engines, paths)

    def trusts(self, scan: Scan, files: Sequence[File]) -> bool:
        """Whether the rows of a record may go into one that is to be made."""
        state = judge_signature(scan, files, self.signers)
        return state.kind == "trusted" or (state.kind == "unsigned" and not self.signing)

    def keep(
        self, file: File, record: FileRecord, engines: Iterable[ScanEngine], paths: frozenset[str]
    ) -> None:
        """Remembers what was seen of a file, where every engine came to a verdict."""
        found = any(row.verdict == "found" for row in record.rows)
        if record.rows and record.decided and found == fails(record.findings):
            known = _Known(record=record, engines=tuple(engines), paths=paths)
            self._known.setdefault(_key(file), []).append(known)

    def of(self, file: File, engines: Sequence[ScanEngine], paths: frozenset[str]) -> FileRecord | None:
        """What was seen of a file's bytes by the very engines of this run; None where they must be read."""
        running = set(_identities(engines))
        for known in self._known.get(_key(file), ()):
            rows = known.record.rows
            made_by = set(_identities(known.engines, {row.engine for row in rows}))
            if len(made_by) != len({row.engine for row in rows}) or not made_by <= running:
                continue
            if not self._enough(file, rows) or (_format(rows) in _LOOKS_AROUND and known.paths != paths):
                continue
            return _moved(known.record, rows[0].path, file.path)
        return None

    def _enough(self, file: File, rows: Sequence[FileVerdict]) -> bool:
        format_name = _format(rows)
        if format_name is None:
            return False
        whole = {row.engine for row in rows if row.bytes_seen == row.bytes_total == file.size}
        return set(required_engines(format_name, self.policy)) <= whole


def _key(file: File) -> _Key:
    return file.sha256, file.path.rpartition("/")[2].lower()


def _format(rows: Iterable[FileVerdict]) -> str | None:
    return next((row.format for row in rows if row.format is not None), None)


def _identities(
    engines: Iterable[ScanEngine], names: set[str] | None = None
) -> Iterator[tuple[str, str, str | None, str | None]]:
    for engine in engines:
        if names is None or engine.name in names:
            database = engine.database
            yield (
                engine.name,
                engine.version,
                database.version if database else None,
                database.date if database else None,
            )


def _moved(record: FileRecord, old: str, new: str) -> FileRecord:
    """The rows of a file for the same bytes under another path."""
    if old == new:
        return record
    return FileRecord(
        rows=tuple(row.model_copy(update={"path": new}) for row in record.rows),
        findings=tuple(
            one.model_copy(update={"path": new, "id": one.id.replace(f"@{old}", f"@{new}", 1)})
            for one in record.findings
        ),
    )
