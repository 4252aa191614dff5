"""Small records to break, and the real command line on a folder of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from budmodel.cli.main import run
from budmodel.domain.manifest import manifest_sha256
from budmodel.schema.version import File

NOW = "2026-06-01T00:00:00Z"
SHA = "ab" * 32
COMMIT = "c" * 40
LICENSE = (
    "id: MIT\nname: MIT License\ncommercial_use: true\nsource: the text\nreviewed: {by: l, on: 2026-01-01}\n"
)
API = {
    "name": "s",
    "architecture": "llama",
    "parameter_count": "1000",
    "license_type": "MIT",
    "owners": "[team]",
    "source": "{type: api}",
}
VERSION = {
    "version": "1.0.0",
    "released": "2026-01-01T00:00:00Z",
    "changelog": "First.",
    "source": f"{{type: huggingface, model_id: org/v, revision: {COMMIT}}}",
    "files": f'[{{path: w.bin, size: 5, sha256: "{SHA}"}}]',
}
RELEASE = "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\nchangelog: x\n"
MANIFEST = manifest_sha256([File(path="w.bin", size=5, sha256=SHA)])
SCAN = {
    "name": "v",
    "version": "1.0.0",
    "status": "PASSED",
    "manifest_sha256": f'"{MANIFEST}"',
    "source": VERSION["source"],
    "finished": "2026-05-30T00:00:00Z",
    "engines": '[{name: clamav, version: "1.4", database: {date: 2026-05-29T00:00:00Z}}, '
    '{name: content, version: "1"}]',
    "files": "[{path: w.bin, engine: clamav, verdict: clean, bytes_seen: 5, bytes_total: 5}, "
    "{path: w.bin, engine: content, format: text, verdict: clean, bytes_seen: 5, bytes_total: 5}]",
}
UNSIGNED = "scans: {signatures_required: false, max_age_days: 3650}\n"
"""Cases change their scan record in many ways; few are about who signed it or when."""
FAILED = {
    "status": "FAILED",
    "findings": "[{id: Eicar, engine: clamav, severity: critical, path: w.bin, message: found}]",
}
RESULT = (
    "results:\n"
    "  - {benchmark: mmlu, metric: acc, value: 0.7, unit: fraction, origin: maker, source: a page}\n"
)
WAIVER = {
    "rules": "[license-missing]",
    "targets": "[v@1.0.0]",
    "manifest_sha256": f'"{MANIFEST}"',
    "reason": "for now",
    "approved_by": "sec",
    "expires": "2027-01-01",
}
TOMBSTONE = {"name": "gone", "reason": "old", "removed": "2026-01-01T00:00:00Z", "by": "ada"}

Builder = Callable[[Path], None]
Content = str | bytes | Builder
Files = Mapping[str, Content]


def record(base: Mapping[str, str], *lines: str, **fields: str | None) -> str:
    """A record in which each key has a line of its own; ``None`` takes a key out, ``lines`` come last."""
    values = {key: value for key, value in {**base, **fields}.items() if value is not None}
    return "".join(f"{line}\n" for line in (*(f"{key}: {value}" for key, value in values.items()), *lines))


def model(*lines: str, **fields: str | None) -> str:
    """The model ``s``, without artifacts: six lines, ``parameter_count`` in the third; more come after."""
    return record(API, *lines, **fields)


def artifacts(
    model_fields: Mapping[str, str | None] | None = None,
    version_fields: Mapping[str, str | None] | None = None,
    scan_fields: Mapping[str, str | None] | None = None,
    name: str = "v",
) -> dict[str, Content]:
    """The model ``v`` with one version of one file, and a scan that passed."""
    own: dict[str, str | None] = {"name": name, "source": "{type: custom}", "default_version": "1.0.0"}
    return {
        f"models/{name}/model.yaml": model(**{**own, **(model_fields or {})}),
        f"models/{name}/versions/1.0.0.yaml": record(VERSION, **(version_fields or {})),
        f"models/{name}/scans/1.0.0.yaml": record(SCAN, **{"name": name, **(scan_fields or {})}),
        "policy.yaml": UNSIGNED,
    }


@dataclass(frozen=True)
class Case:
    """A broken catalog and all that is to be said of it: ``rule path:line:column field``."""

    name: str
    files: Files
    expected: tuple[str, ...] = field(default=())


def case(name: str, files: Files | str | bytes, *expected: str) -> Case:
    """A case; a single content is that of the model ``s``, of which ``@`` in an expectation is short."""
    named: Files = files if isinstance(files, Mapping) else {"models/s/model.yaml": files}
    return Case(name, named, tuple(line.replace("@", "models/s/model.yaml", 1) for line in expected))


def write(root: Path, files: Files) -> None:
    """Writes files below ``catalog/``; a function makes what no text can."""
    for path, content in files.items():
        if path == "policy.yaml" and isinstance(content, str) and "scans:" not in content:
            content += UNSIGNED
        file = root / "catalog" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(file)
        else:
            file.write_bytes(content.encode() if isinstance(content, str) else content)


def link(target: str) -> Builder:
    """A symbolic link."""
    return lambda path: path.symlink_to(target)


def folder(path: Path) -> None:
    """A folder."""
    path.mkdir()


def fifo(path: Path) -> None:
    """A pipe that nobody writes to: whoever opens it waits."""
    os.mkfifo(path)


@dataclass(frozen=True)
class Outcome:
    """What the command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def findings(self) -> list[str]:
        """All findings: ``rule path:line:column field``, without ``catalog/``."""
        return sorted(
            f"{f['rule']} {f['path'].removeprefix('catalog/')}:{f['line']}:{f['column']} {f['field'] or '-'}"
            for f in self.json["findings"]
        )

    @property
    def weighed(self) -> list[str]:
        """All findings: ``severity rule path``."""
        return sorted(
            f"{f['severity']} {f['rule']} {f['path'].removeprefix('catalog/')}" for f in self.json["findings"]
        )


def check(capsys: pytest.CaptureFixture[str], root: Path, *arguments: str) -> Outcome:
    """``budmodel check --json`` in this process."""
    given = [] if "--now" in arguments else ["--now", NOW]
    capsys.readouterr()
    code = run(["-C", str(root), "check", "--json", *given, *arguments])
    said = capsys.readouterr()
    return Outcome(code, said.out, said.err)
