"""scan-untrusted: the signature of a scan record proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from budmodel.domain.evidence import judge_signature, signed_at
from budmodel.findings import Finding
from budmodel.rules.interface import Context, VersionRule, VersionSubject
from budmodel.schema.values import after

SKEW = timedelta(minutes=15)
"""How far the clocks of two machines may differ."""


class ScanUntrusted(VersionRule):
    """The signers are those of the base branch, so that no change brings the key that it is signed with."""

    id = "scan-untrusted"
    title = "A scan's signature is not trusted"

    def visit(self, subject: VersionSubject, context: Context) -> Iterator[Finding]:
        """One finding for each signed record whose signature is not that of a trusted signer then."""
        scan, record = subject.view.scan(subject.version), subject.entry.record
        if scan is None or scan.signature is None or record is None or not subject.needs_bytes:
            return
        if scan.status == "FAILED":
            return  # believed from anybody
        state = judge_signature(scan, record.files or (), context.judges.signers)
        at = signed_at(scan)
        reason = state.reason if state.kind == "untrusted" else ""
        if not reason and at is not None and at > after(context.now, SKEW):
            reason = f"it says that it was made in the future, at {at:%Y-%m-%dT%H:%M:%SZ}"
        if reason:
            yield self.finding(
                subject.view.scan_path(subject.version),
                f"the signature of the scan of {subject.target} is not trusted: {reason}",
                field_path=("signature",),
                fix=f"scan it again with a trusted key: budmodel scan {subject.target} --force --key KEY",
                targets=(subject.target,),
            )
