"""A registry whose every text is hostile: committed with Git, checked, and built by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from budmodel.schema.base import Record
from budmodel.schema.kinds import KINDS
from render.hostile_texts import PARTS, Poison, Whole
from render.site_catalog import put

NAMES = ("evil-0", "evil-1", "evil-2", "evil-3")
LICENSES = ("javascript_pwned-__proto__", "constructor", "evil.example")
BIDI = "\u202egnp.exe\u202c \u2066\u2069 \u0007\u001b[31m"
"""Overrides of direction and controls: records may not hold them, but names and subjects of Git may."""
RECORDS: Mapping[str, type[Record]] = {
    kind.name: kind.record for kind in KINDS.values() if kind.record is not None
}
_URI = "s3://b/<script/class=pwned>pwned()</script>/'\"onmouseover=pwned()/{{7919*7907}}"


def make(root: Path) -> set[str]:
    """Writes the registry and commits it twice; the fields that took free text."""
    poison = Poison(0)
    unit = ""
    for name, path, fixed in _plan():
        data = poison.record(RECORDS[name], fixed)
        if name == "benchmarks":
            del data["benchmarks"][1:]
            unit = next(iter(data["benchmarks"][0]["metrics"].values()))["unit"]
        for result in data.get("results", ()):
            # What is measured in another unit is not ranked, and so not shown in most places.
            result["unit"] = unit
        put(root, path, data)
    _odd_names(root / "catalog")
    _git(root, "init", "-q", "-b", "main")
    for number, subject in enumerate([*PARTS[:6], BIDI, "x" * 3000]):
        put(root, "hardware.yaml", poison.record(RECORDS["hardware"], {}))
        if number > 1:
            model = _model(poison, number % 4)
            put(root, f"models/{NAMES[number % 4]}/model.yaml", model)
        _git(root, "add", "-A")
        author = f"{PARTS[number]} {BIDI}".replace("<", "\u2039").replace(">", "\u203a")
        if number % 2:
            author = f'" onerror=pwned() {{{{7919*7907}}}} &lt;b class=pwned&gt; {BIDI}'
        _git(root, "commit", "-q", "-m", f"{subject}\n\n{PARTS[3]}", author=author)
    return poison.free


def _odd_names(catalog: Path) -> None:
    """Files that Git can hold, whose names no report, page or export could tell as they are."""
    waiver = (catalog / "waivers" / "w0.yaml").read_bytes()
    model = (catalog / "models" / NAMES[0] / "model.yaml").read_bytes()
    for name, content in {
        b"waivers/\xff\xfe.yaml": waiver,
        b"waivers/\xe2\x80\xaegnp.yaml": waiver,
        b"waivers/a\nb\x1b[31m.yaml": waiver,
        b"waivers/=cmd <script class=pwned>pwned()<.yaml": waiver,
        b"models/evil-0/versions/\xff.yaml": b"version: 2.0.0",
        b"models/\xffevil/model.yaml": model,
        b"models/\xe2\x80\xaelive/model.yaml": model,
        # Not a record at all, but deploy.json holds the text of what has a record's name.
        b"models/evil-0/scans/2.0.0.yaml": f"name: {BIDI}\x9b\u2028<script class=pwned>".encode(),
    }.items():
        path = Path(os.fsdecode(os.fsencode(catalog) + b"/" + name))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:  # macOS takes no bytes that are not UTF-8
            continue


def _model(poison: Poison, number: int) -> dict[str, Any]:
    name, path, fixed = next(one for one in _plan() if one[1] == f"models/{NAMES[number]}/model.yaml")
    del path
    return poison.record(RECORDS[name], fixed)


def _plan() -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, path, and what a record must say so that the others find it."""
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("catalog", "catalog.yaml", {"format": 1, "repository": None, "branch": None}),
        (
            "policy",
            "policy.yaml",
            {
                "severity": None,
                "denied": [{"sha256": "b" * 64, "reason": PARTS[0]}],
                "licenses": {"allowed": None},
            },
        ),
        ("hardware", "hardware.yaml", {}),
        ("benchmarks", "benchmarks.yaml", {}),
    ]
    for index, id_ in enumerate(LICENSES):
        found.append(("license", f"licenses/{id_}.yaml", {"id": id_, "annotations": {}}))
        source = ([PARTS[1], PARTS[index]], PARTS[2], {"commercial_use": PARTS[0], "naming": PARTS[5]})[index]
        found[-1][2]["source"] = source
    for number, name in enumerate(NAMES):
        found += _of_model(number, name)
    found.append(("tombstone", "removed/gone.yaml", {"name": "gone", "successor": NAMES[0]}))
    return found


def _of_model(number: int, name: str) -> list[tuple[str, str, dict[str, Any]]]:
    api = number == 3
    base = f"models/{name}"
    source: dict[str, Any] = {"type": "api"} if api else {"type": "huggingface", "model_id": "evil.example/x"}
    model: dict[str, Any] = {
        "name": name,
        "architecture": ("constructor", "javascript_pwned-__proto__", "llama", "gpt")[number],
        "parameter_count": 8_000_000_000 + number,
        "active_parameter_count": None,
        "license_type": LICENSES[number % 3],
        "license_restrictions": None,
        "source": Whole(source),
        "default_version": "1.0.0",
        "aliases": {"constructor": "1.0.0"},
        "status": "deprecated" if number == 1 else "active",
        "successor": NAMES[0] if number == 1 else None,
        "retires_on": "2027-01-01" if number == 1 else None,
        "base_models": [{"model": NAMES[0], "relation": "finetune"}] if number == 1 else [],
    }
    if not api:
        model["api"] = None
    if number == 2:
        model["description"] = "W" * 50_000 + "".join(PARTS) + "\n\n" + PARTS[6] * 1000
        model["tags"] = [f"{index} {PARTS[index % len(PARTS)]}"[:96] for index in range(100)]
    version: dict[str, Any] = {"version": "1.0.0", "released": "2026-01-01T00:00:00Z", "base_models": None}
    version["license_type"] = None
    places = ({"type": "s3", "uri": _URI}, {"type": "local"}, {**source, "revision": "a" * 40}, source)
    version["source"] = Whole(places[number])
    if api:
        version |= {"files": None, "storage_path": None}
    if number != 1:
        version["yanked"] = None
    found = [("model", f"{base}/model.yaml", model), ("version", f"{base}/versions/1.0.0.yaml", version)]
    status = ("FAILED", "SKIPPED", "SCANNING", "FAILED")[number]
    scan = {"name": name, "version": "1.0.0", "status": status, "source": version["source"]}
    if not api:
        found.append(("scan", f"{base}/scans/1.0.0.yaml", scan))
    found.append(("results", f"{base}/benchmarks/1.0.0/2026-01-01-x-0000000{number}.yaml", {}))
    found.append(
        (
            "acknowledgment",
            f"acknowledgments/{name}/1.0.0/20260101T000000Z-0000000{number}.yaml",
            {"name": name, "version": "1.0.0"},
        )
    )
    found.append(
        (
            "waiver",
            f"waivers/w{number}.yaml",
            {
                "rules": ["scan-missing", "scan-failed", "scan-skipped"],
                "targets": [f"{name}@1.0.0"],
                "expires": "2030-01-01",
            },
        )
    )
    return found


def build(root: Path, *options: str) -> Path:
    """Builds the site by the command, with the checks and the history that it brings along."""
    run(root, "site", "build", *options)
    return root / "build" / "site"


def run(root: Path, *arguments: str) -> str:
    """The output of a command of ours on the registry."""
    done = subprocess.run(
        [sys.executable, "-m", "budmodel", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _git(root: Path, *arguments: str, author: str = "x") -> None:
    person = {
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": "e@evil.example",
        "GIT_COMMITTER_NAME": author,
        "GIT_COMMITTER_EMAIL": "e@evil.example",
        "GIT_AUTHOR_DATE": "2026-11-20T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-11-20T00:00:00Z",
    }
    subprocess.run(["git", *arguments], cwd=root, check=True, env={**os.environ, **person})
