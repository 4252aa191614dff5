"""unknown-file: something lies in the catalog where no record belongs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import PurePosixPath

from budmodel.domain.quoting import shown
from budmodel.findings import Finding
from budmodel.rules.interface import Context, Stranger, StrangerRule
from budmodel.schema.kinds import classify, legible

_PREFIX = "catalog/"
_ANY = ""
_YAML = "*.yaml"
_LAYOUTS = (
    ("catalog.yaml",),
    ("policy.yaml",),
    ("benchmarks.yaml",),
    ("hardware.yaml",),
    ("allowed_signers",),
    ("models", _ANY, "model.yaml"),
    ("models", _ANY, "versions", _YAML),
    ("models", _ANY, "scans", _YAML),
    ("models", _ANY, "benchmarks", _ANY, _YAML),
    ("licenses", _YAML),
    ("acknowledgments", _ANY, _ANY, _YAML),
    ("waivers", _YAML),
    ("removed", _YAML),
)
_ALIKE = 0.7
"""Least similarity of a folder or file name to the one that was meant."""
_WHAT = {
    "link": "is a symbolic link; the catalog holds plain files only",
    "submodule": "is a Git submodule; the catalog holds plain files only",
    "folder": "is a folder; a file belongs here",
    "other": "is neither a file nor a folder that can be read",
    "file": "is a file that the catalog has no place for",
}


class UnknownFile(StrangerRule):
    """What nobody reads nobody checks, so it may not lie in the catalog; the nearest known place is named."""

    id = "unknown-file"
    title = "A file has no place in the catalog"

    def visit(self, subject: Stranger, context: Context) -> Iterator[Finding]:
        """One finding for each path at which no record belongs."""
        path = shown(subject.path)
        what, fix = _WHAT[subject.type], "move it out of catalog/, or remove it"
        if not f"{subject.path}/".startswith(_PREFIX):
            what = "is taken for the catalog's folder by disks that fold names (macOS, Windows)"
            fix = "give it another name, or remove it"
        elif subject.type == "file" and not legible(subject.path):
            what, fix = "is a file whose name has characters that nobody can see", "rename or remove it"
        elif subject.type == "file":
            known = known_place(subject.path.removeprefix(_PREFIX))
            if known is not None and f"{_PREFIX}{known}" in context.head.types:
                fix = f"{_PREFIX}{shown(known)} is there already; remove this one"
            elif known is not None:
                fix = f"rename {path} to {_PREFIX}{shown(known)}"
        # A reporter cannot print every name that a file system or a commit may hold.
        yield self.finding(path, f"{path} {what}", fix=fix)


def known_place(inside: str) -> str | None:
    """The place below ``catalog/`` that was probably meant; None where none is near."""
    parts = inside.split("/")
    found = [guess for layout in _LAYOUTS if len(layout) == len(parts) and (guess := _fit(parts, layout))]
    best = max(found, default=None)
    return best[1] if best is not None and classify(best[1]) is not None else None


def _fit(parts: list[str], layout: tuple[str, ...]) -> tuple[float, str] | None:
    meant: list[str] = []
    likeness = 0.0
    for part, wanted in zip(parts, layout, strict=True):
        if wanted in (_ANY, _YAML):
            file = PurePosixPath(part)
            if wanted == _YAML and file.suffix.lower() not in (".yml", ".yaml"):
                return None
            meant.append(part if wanted == _ANY else f"{file.stem}.yaml")
            continue
        ratio = 1.0 if part == wanted else difflib.SequenceMatcher(None, part.lower(), wanted).ratio()
        if ratio < _ALIKE:
            return None
        likeness += ratio
        meant.append(wanted)
    return likeness, "/".join(meant)
