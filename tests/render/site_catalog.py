"""A small catalog for the tests of the site: every scan state, lineage, a yanked version, results."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import rfc8785

from budmodel.operations.changes import Change, Line
from budmodel.render.site import SiteReport, SiteRequest, build_site
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree

FILES = [{"path": "model.safetensors", "size": 1_500_000_000, "sha256": "a" * 64}]
MANIFEST = hashlib.sha256(rfc8785.dumps([[f["path"], f["size"], f["sha256"]] for f in FILES])).hexdigest()
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}{% raw %}@@budmodel:body@@ <img src=x onerror=alert(2)>"


def put(root: Path, path: str, data: object) -> None:
    """Writes a record. JSON is YAML, and it needs no thought about quoting."""
    target = root / "catalog" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def model(root: Path, name: str, **more: object) -> None:
    """A model with version 1.0.0 that lists its files."""
    version = more.pop("version", {})
    assert isinstance(version, dict)
    record = {
        "name": name,
        "architecture": "llama",
        "parameter_count": 8_030_000_000,
        "license_type": "Apache-2.0",
    }
    put(root, f"models/{name}/model.yaml", {**record, **more})
    source = {"type": "huggingface", "model_id": f"org/{name}", "revision": "b" * 40}
    released = {"version": "1.0.0", "released": "2024-07-23T00:00:00Z", "source": source, "files": FILES}
    put(root, f"models/{name}/versions/1.0.0.yaml", {**released, **version})


def scan(root: Path, name: str, status: str, **more: object) -> None:
    """A scan record of version 1.0.0."""
    record = {"name": name, "version": "1.0.0", "status": status, "manifest_sha256": MANIFEST}
    put(root, f"models/{name}/scans/1.0.0.yaml", {**record, "finished": "2026-11-01T00:00:00Z", **more})


def results(root: Path, name: str, value: float, **more: object) -> None:
    """One result on MMLU, five shots."""
    row = {
        "benchmark": "mmlu",
        "metric": "acc",
        "value": value,
        "unit": "fraction",
        "settings": {"num_fewshot": 5},
    }
    origin = {"origin": "maker", "source": "https://example.org/report", "date": "2026-01-01"}
    put(
        root,
        f"models/{name}/benchmarks/1.0.0/2026-01-01-x-{len(name):08x}.yaml",
        {"results": [{**row, **origin, **more}]},
    )


def make_catalog(root: Path) -> None:
    """The whole catalog."""
    put(root, "catalog.yaml", {"format": 1, "name": "Test & <registry>", "description": "For <tests>."})
    metrics = {"acc": {"unit": "fraction", "direction": "higher", "minimum": 0, "maximum": 1}}
    mmlu = {
        "id": "mmlu",
        "name": "MMLU",
        "metrics": metrics,
        "default_metric": "acc",
        "comparable_on": ["num_fewshot"],
    }
    put(root, "benchmarks.yaml", {"benchmarks": [mmlu]})
    apache = {"id": "Apache-2.0", "name": "Apache License 2.0", "commercial_use": True, "derivatives": True}
    put(root, "licenses/Apache-2.0.yaml", {**apache, "source": {"commercial_use": "section 2"}})
    llama = {
        "id": "llama-3.1-community",
        "name": "Llama 3.1",
        "commercial_use": "conditional",
        "source": "the text",
    }
    put(root, "licenses/llama-3.1-community.yaml", {**llama, "monthly_active_users_limit": 700_000_000})
    model(root, "passed", tasks=["text-generation"], description="First line.\n\nSecond paragraph.")
    scan(root, "passed", "PASSED")
    model(root, "failed", base_models=[{"model": "passed", "relation": "finetune"}])
    scan(root, "failed", "FAILED")
    model(root, "other-bytes", base_models=[{"model": "hf:org/base", "relation": "quantized"}])
    scan(root, "other-bytes", "PASSED", manifest_sha256="c" * 64)
    model(root, "skipped", architecture="bert")
    scan(root, "skipped", "SKIPPED", reason="too large")
    model(root, "unscanned", license_type="llama-3.1-community")
    model(root, "waived", license_type="nobody-knows-it")
    waiver = {"rules": ["scan-missing"], "targets": ["waived@1.0.0"], "manifest_sha256": MANIFEST}
    alone = {**waiver, "targets": ["hostile@1.0.0"], "reason": "nothing to load"}
    put(root, "waivers/h.yaml", {**alone, "approved_by": "ann", "expires": "2027-05-22"})
    put(root, "waivers/w.yaml", {**waiver, "reason": "later", "approved_by": "ann", "expires": "2027-05-22"})
    model(
        root,
        "yanked",
        status="archived",
        version={"yanked": {"reason": "wrong", "on": "2026-01-01T00:00:00Z"}},
    )
    api = {"name": "remote", "architecture": "gpt", "source": {"type": "api"}, "status": "deprecated"}
    put(root, "models/remote/model.yaml", {**api, "successor": "passed"})
    put(root, "models/remote/versions/1.0.0.yaml", {"version": "1.0.0", "released": "2025-01-01T00:00:00Z"})
    tags = [HOSTILE[:90], "javascript:alert(3)"]
    model(root, "hostile", description=HOSTILE, tags=tags, owners=[HOSTILE], version={"changelog": HOSTILE})
    put(root, "models/broken/model.yaml", {"name": "broken"})
    for name, value in (("passed", 0.7), ("waived", 0.8), ("remote", 0.8), ("failed", 0.9), ("yanked", 0.9)):
        results(root, name, value)
    results(root, "hostile", 0.5, source="javascript:alert(4)", settings={"num_fewshot": 0})


CHANGES = (
    Change(
        commit="e" * 40,
        author=HOSTILE,
        time="2026-11-21T00:00:00Z",
        subject=HOSTILE,
        kind="added",
        lines=(Line(what="model added", model="passed"), Line(what="licence MIT added", license="MIT")),
    ),
    Change(
        commit="e" * 40,
        author=HOSTILE,
        time="2026-11-21T00:00:00Z",
        subject=HOSTILE,
        kind="security",
        lines=(Line(what=HOSTILE, model="no-such"),),
    ),
    Change(
        commit="f" * 40,
        author="Ann",
        time="2026-11-20T00:00:00Z",
        subject="Mend a licence",
        kind="changed",
        lines=(Line(what="licence MIT changed", license="MIT"),),
    ),
)


def snapshot_of(root: Path) -> Snapshot:
    """The catalog as it lies there."""
    return Snapshot(WorkTree(root))


def build(root: Path, output: Path, **more: object) -> SiteReport:
    """Builds the site of a catalog."""
    request = {"commit": "d" * 40, "commit_time": "2026-11-22T00:00:00Z", "changes": CHANGES, **more}
    return build_site(SiteRequest(snapshot=snapshot_of(root), root=root, output=output, **request))  # type: ignore[arg-type]
