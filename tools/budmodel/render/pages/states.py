"""Scan states as filters name them, in the order in which lists show them."""

from __future__ import annotations

SCAN_LABELS = {
    "passed": "passed",
    "waived": "waived",
    "not-scanned": "not scanned",
    "scanning": "scan unfinished",
    "skipped": "scan skipped",
    "unproven": "in doubt",
    "failed": "failed",
    "no-artifacts": "no artifacts",
}
