"""The catalog of the site's tests with more for exports: licences of all kinds, a scan, odd words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.registry import load
from budmodel.render.exports.writing import export_document, select
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from render.site_catalog import FILES, HOSTILE, MANIFEST, make_catalog, model, put, results, scan

COMMIT = "d" * 40
COMMIT_TIME = "2026-11-22T00:00:00Z"
FORMULA = '=cmd|" /C calc"!A0'
MANY_LINES = (
    "# not a heading\n---\n\n- not: a list\n\n1. one\n\n```sh\nrm -rf /\n```\n[x](javascript:alert(1))"
)
"""No character of it may open a heading, close the metadata or make a link."""
WORDS = ["on", "no", "1:20", "0o7", "1e3", "null", "2026-01-01", FORMULA, "@SUM(1)", "a\n---\nb"]
"""Tags that some reader would take for something else than text."""


def fill(root: Path) -> None:
    """The whole catalog."""
    make_catalog(root)
    engine = {
        "name": "clamav",
        "version": "1.4.6",
        "database": {"version": "27", "date": "2026-10-31T00:00:00Z"},
    }
    found = {"id": "Eicar-Test-Signature@model.safetensors", "engine": "clamav", "severity": "critical"}
    seen = {
        "path": FILES[0]["path"],
        "engine": "clamav",
        "verdict": "found",
        "bytes_seen": 5,
        "bytes_total": 5,
    }
    told = {**found, "path": "model.safetensors", "message": "Eicar-Test-Signature found"}
    scan(root, "failed", "FAILED", engines=[engine], findings=[told], files=[seen])
    accepted = {"rules": ["scan-failed"], "targets": ["failed@1.0.0"], "manifest_sha256": MANIFEST}
    named = {
        "findings": [found["id"]],
        "reason": "a test file",
        "approved_by": "ann",
        "expires": "2027-01-01",
    }
    put(root, "waivers/eicar.yaml", {**accepted, **named})
    model(root, "either", license_type="MIT OR (Apache-2.0 AND llama-3.1-community)")
    model(root, "with-exception", license_type="GPL-2.0-or-later WITH Classpath-exception-2.0")
    model(root, "unlicensed", license_type=None)
    links = {"homepage": "https://example.org/a{b}|c^`d`\\e%zz[1]?q=é", "paper": "https://[::1]/p"}
    model(root, "odd-words", tags=WORDS, description=MANY_LINES, owners=[FORMULA], links=links)
    put(
        root, "models/odd-words/versions/2.0.0.yaml", {"version": "2.0.0", "released": "2025-01-01T00:00:00Z"}
    )
    put(
        root,
        "models/no-version/model.yaml",
        {"name": "no-version", "architecture": "x", "parameter_count": 1},
    )
    results(root, "odd-words", 0.25, stderr=0.01, source="|`pipe`| not a link")
    took = {
        "name": "passed",
        "version": "1.0.0",
        "use": "commercial",
        "by": "ann",
        "license_id": "Apache-2.0",
    }
    put(root, "acknowledgments/passed/1.0.0/2026-a.yaml", {**took, "on": "2026-11-01T00:00:00Z"})
    put(root, "removed/gone.yaml", {"name": "gone", "reason": HOSTILE, "removed": COMMIT_TIME, "by": "ann"})


def catalog_of(root: Path, names: Sequence[str] = (), **more: Any) -> Catalog:
    """The catalog that lies there, or some of its models."""
    snapshot = Snapshot(WorkTree(root))
    told = {"commit": COMMIT, "commit_time": COMMIT_TIME, **more}
    return Catalog(snapshot=snapshot, selected=select(snapshot, names), **told)


def exported(root: Path, format_name: str, *names: str, **more: Any) -> bytes:
    """What an exporter writes."""
    out = io.BytesIO()
    export_document(load(format_name), catalog_of(root, names, **more), out)
    return out.getvalue()
