"""Every rule that needs no base, broken once on purpose."""

from __future__ import annotations

from hostile.kit import FAILED, LICENSE, RESULT, TOMBSTONE, WAIVER, Case, artifacts, case, model, record

M, V, R = "models/v/model.yaml", "models/v/versions/1.0.0.yaml", "models/v/scans/1.0.0.yaml"
B = "models/v/benchmarks/1.0.0/2026-01-01-x-12345678.yaml"
HUB = "{{type: huggingface, model_id: org/v, revision: {}}}"

CASES: tuple[Case, ...] = (
    case("all is well", artifacts()),
    case(
        "name-removed",
        {"models/gone/model.yaml": model(name="gone"), "removed/gone.yaml": record(TOMBSTONE)},
        "name-removed models/gone/model.yaml:1:1 name",
    ),
    case(
        "name-removed, folded",
        {
            "models/g.one/model.yaml": model(name="g.one"),
            "removed/g-one.yaml": record(TOMBSTONE, name="g-one"),
        },
        "name-removed models/g.one/model.yaml:1:1 name",
    ),
    case("owner-missing", model(owners=None), "owner-missing @:1:1 owners"),
    case("owner-missing, empty", model(owners="[]"), "owner-missing @:5:1 owners"),
    case("version-missing", {M: model(name="v", source="{type: custom}")}, f"version-missing {M}:1:1 name"),
    case(
        "changelog-missing",
        artifacts(version_fields={"changelog": None}),
        f"changelog-missing {V}:1:1 changelog",
    ),
    case(
        "default-version-missing",
        artifacts({"default_version": None}),
        f"default-version-missing {M}:1:1 default_version",
    ),
    case(
        "default-version-missing, elsewhere",
        artifacts({"default_version": "9.0.0", "aliases": "{a: 8.0.0}"}),
        f"default-version-missing {M}:7:1 default_version",
        f"default-version-missing {M}:8:11 aliases.a",
    ),
    case(
        "source-unpinned",
        artifacts(version_fields={"source": HUB.format("main")}, scan_fields={"source": HUB.format("main")}),
        f"source-unpinned {V}:4:46 source.revision",
    ),
    case(
        "source-denied, file:",
        artifacts(
            version_fields={"storage_path": "file:///home/ada/v/"},
            scan_fields={"locations": '["file:///home/ada/v/"]'},
        ),
        f"source-denied {V}:6:1 storage_path",
    ),
    case(
        "source-denied, digest",
        {**artifacts(), "policy.yaml": f"denied: [{{sha256: {'ab' * 32}, reason: bad}}]\n"},
        f"source-denied {V}:5:32 files.0.sha256",
    ),
    case(
        "files-missing",
        artifacts(
            version_fields={"files": None},
            scan_fields={"status": "SKIPPED", "reason": "x", "manifest_sha256": None},
        ),
        f"files-missing {V}:1:1 files",
        f"scan-skipped {R}:8:1 reason",
    ),
    case("license-missing", model(license_type=None), "license-missing @:1:1 license_type"),
    case("license-missing, null", model(license_type="null"), "license-missing @:4:1 license_type"),
    case("license-unknown", model(license_type="MIT AND mti"), "license-unknown @:4:1 license_type"),
    case(
        "license-unknown, not an expression",
        model(license_type="MIT AND (OR)"),
        "license-unknown @:4:1 license_type",
    ),
    case(
        "license-unknown, deep",
        model(license_type=" OR ".join(["("] * 1 + ["MIT)"]).replace("( OR ", "(" * 100) + ")" * 99),
    ),
    case(
        "license-denied",
        {**artifacts(), "policy.yaml": "licenses: {denied: [MIT]}\n"},
        f"license-denied {M}:4:1 license_type",
    ),
    case(
        "license-unreviewed",
        {"models/s/model.yaml": model(license_type="X"), "licenses/X.yaml": "id: X\nname: X\nsource: x\n"},
        "license-unreviewed models/s/model.yaml:4:1 license_type",
    ),
    case(
        "license-looser-than-text",
        {
            "models/s/model.yaml": model("license_restrictions: {commercial_use: true}", license_type="X"),
            "licenses/X.yaml": LICENSE.replace("MIT", "X").replace("true", "false"),
        },
        "license-looser-than-text models/s/model.yaml:7:24 license_restrictions.commercial_use",
    ),
    case(
        "license-lineage-conflict",
        {
            "models/s/model.yaml": model(
                "base_models: [{model: 'hf:a/b', relation: merge, license_type: X}]"
            ),
            "licenses/X.yaml": LICENSE.replace("MIT", "X").replace("true", "false"),
        },
        "license-lineage-conflict models/s/model.yaml:4:1 license_type",
    ),
    case(
        "lineage-unknown-base",
        model("base_models: [{model: x, relation: merge}]"),
        "lineage-unknown-base @:7:16 base_models.0.model",
    ),
    case(
        "lineage-cycle",
        model("base_models: [{model: s, relation: merge}]"),
        "lineage-cycle @:7:16 base_models.0.model",
    ),
    case(
        "scan-missing",
        {path: text for path, text in artifacts().items() if path != R},
        f"scan-missing {V}:1:1 version",
    ),
    case("scan-failed", artifacts(scan_fields=FAILED), f"scan-failed {R}:3:1 status"),
    case(
        "scan-incomplete",
        artifacts(scan_fields={"files": "[]"}),
        f"scan-incomplete {R}:8:1 status".replace("8:1", "3:1"),
    ),
    case(
        "scan-incomplete, running",
        artifacts(scan_fields={"status": "SCANNING"}),
        f"scan-incomplete {R}:3:1 status",
    ),
    case(
        "scan-mismatch",
        artifacts(scan_fields={"manifest_sha256": '"' + "0" * 64 + '"'}),
        f"scan-mismatch {R}:4:1 manifest_sha256",
    ),
    case(
        "scan-mismatch, other files",
        artifacts(version_fields={"files": '[{path: w.bin, size: 6, sha256: "' + "ab" * 32 + '"}]'}),
        f"scan-incomplete {R}:8:1 files",
        f"scan-mismatch {R}:4:1 manifest_sha256",
    ),
    case(
        "scan-unsigned",
        {**artifacts(), "policy.yaml": "scans: {max_age_days: 3650}\n"},
        f"scan-unsigned {R}:3:1 status",
    ),
    case(
        "scan-untrusted",
        artifacts(scan_fields={"signature": "{signer: a@b.org, sshsig: nothing}"}),
        f"scan-untrusted {R}:9:1 signature",
    ),
    case(
        "scan-stale",
        artifacts(scan_fields={"finished": "2010-01-02T00:00:00Z"}),
        f"scan-stale {R}:6:1 finished",
    ),
    case(
        "scan in the future",
        artifacts(scan_fields={"finished": "2030-01-02T00:00:00Z"}),
        f"scan-stale {R}:6:1 finished",
    ),
    case(
        "lineage-tainted",
        {
            **artifacts(name="w", scan_fields=FAILED),
            **artifacts({"base_models": "[{model: w, relation: finetune}]"}),
        },
        f"lineage-tainted {V}:1:1 version",
        "scan-failed models/w/scans/1.0.0.yaml:3:1 status",
    ),
    case("scan of another model", artifacts(scan_fields={"name": "w"}), f"name-mismatch {R}:1:1 name"),
    case(
        "scan that contradicts itself",
        artifacts(scan_fields={"findings": FAILED["findings"]}),
        f"schema-invalid {R}:1:1 -",
    ),
    case(
        "waiver-expired",
        {"waivers/w.yaml": record(WAIVER, expires="2026-06-01")},
        "waiver-expired waivers/w.yaml:6:1 expires",
    ),
    case(
        "waiver without an end",
        {"waivers/w.yaml": record(WAIVER, expires=None)},
        "schema-invalid waivers/w.yaml:1:1 expires",
    ),
    case(
        "waiver of what cannot be waived",
        {
            **artifacts(scan_fields={"manifest_sha256": '"' + "0" * 64 + '"'}),
            "waivers/w.yaml": record(WAIVER, rules="[scan-mismatch]"),
        },
        f"scan-mismatch {R}:4:1 manifest_sha256",
        "waiver-expired waivers/w.yaml:1:9 rules.0",
    ),
    case(
        "waiver of other bytes",
        {**artifacts({"license_type": None}), "waivers/w.yaml": record(WAIVER, manifest_sha256="null")},
        f"license-missing {M}:1:1 license_type",
    ),
    case("waiver that counts", {**artifacts({"license_type": None}), "waivers/w.yaml": record(WAIVER)}),
    case(
        "policy that cannot be lowered",
        {
            **artifacts(scan_fields={"manifest_sha256": '"' + "0" * 64 + '"'}),
            "policy.yaml": "severity: {scan-mismatch: warning}\n",
        },
        f"scan-mismatch {R}:4:1 manifest_sha256",
    ),
    case(
        "benchmark-unsourced",
        {**artifacts(), B: RESULT.replace(", source: a page", "")},
        f"benchmark-unsourced {B}:2:5 results.0.source",
    ),
    case(
        "benchmark-out-of-range",
        {**artifacts(), B: RESULT.replace("0.7", "70")},
        f"benchmark-out-of-range {B}:2:36 results.0.value",
    ),
    case(
        "requirements-implausible",
        model("requirements: {min_gpu_memory_gb: 16000}"),
        "requirements-implausible @:7:16 requirements.min_gpu_memory_gb",
    ),
    case(
        "secret-in-catalog",
        {"licenses/X.yaml": LICENSE.replace("MIT", "X") + "notes: " + "hf" + "_" + "a1" * 17 + "\n"},
        "secret-in-catalog licenses/X.yaml:6:8 -",
    ),
)
