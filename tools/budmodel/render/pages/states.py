"""What lists sort models by: scan states, the gate and sizes, in the order in which lists show them."""

from __future__ import annotations

SCAN_LABELS = {
    "passed": "passed",
    "not-scanned": "not scanned",
    "scanning": "scan unfinished",
    "skipped": "scan skipped",
    "unproven": "in doubt",
    "failed": "failed",
    "stale": "too old",
    "no-artifacts": "no artifacts",
}
GATE_LABELS = {"clear": "clear", "waived": "waived until a date", "blocked": "blocked"}
SIZES = {
    "1b": "under 1B",
    "5b": "1B to 5B",
    "10b": "5B to 10B",
    "40b": "10B to 40B",
    "100b": "40B to 100B",
    "more": "100B and more",
    "": "not stated",
}
"""Classes of parameter counts by their upper ends, which they do not hold."""
_ENDS = (("1b", 10**9), ("5b", 5 * 10**9), ("10b", 10**10), ("40b", 4 * 10**10), ("100b", 10**11))


def size_class(parameters: int | None) -> str:
    """The class of a parameter count; empty where there is none."""
    if parameters is None:
        return ""
    return next((name for name, end in _ENDS if parameters < end), "more")
