"""Changes to a base branch, and what the gate says to each: ``severity rule path``."""

from __future__ import annotations

from dataclasses import dataclass

from gate.kit import Changes
from hostile.kit import (
    FAILED,
    LICENSE,
    MANIFEST,
    SCAN,
    TOMBSTONE,
    VERSION,
    WAIVER,
    artifacts,
    model,
    record,
)

M, V, R = "models/v/model.yaml", "models/v/versions/1.0.0.yaml", "models/v/scans/1.0.0.yaml"
S = "models/s/model.yaml"
W, P, L, T = "waivers/w.yaml", "policy.yaml", "licenses/MIT.yaml", "removed/gone.yaml"
V_MODEL, V_VERSION, V_SCAN, _ = artifacts().values()
assert isinstance(V_MODEL, str) and isinstance(V_VERSION, str)
YANKED = "{reason: bad, on: 2026-02-01T00:00:00Z}"
LATER = "2026-05-31T00:00:00Z"
NEW_VERSION = {
    "models/v/versions/1.1.0.yaml": record(VERSION, version="1.1.0"),
    "models/v/scans/1.1.0.yaml": record(SCAN, version="1.1.0"),
}
UNSCANNED = {"models/v/versions/1.1.0.yaml": record(VERSION, version="1.1.0")}


def bumped(version: str, fingerprint: str | None) -> Changes:
    """A new version of ``v`` that was scanned."""
    return {
        f"models/v/versions/{version}.yaml": record(VERSION, version=version, fingerprint=fingerprint),
        f"models/v/scans/{version}.yaml": record(SCAN, version=version),
    }


REMOVED = {M: None, V: None, R: None, "removed/v.yaml": record(TOMBSTONE, name="v")}
A = "acknowledgments/v/1.0.0/20260101T000000Z-00000000.yaml"
ACK = """name: v
version: 1.0.0
use: commercial
by: Ada <ada@example.org>
on: 2026-01-01T00:00:00Z
license_id: MIT
"""
CHILD = {"models/c/model.yaml": model("base_models: [{model: v, relation: merge}]", name="c")}
C = "models/c/versions/1.0.0.yaml"
CHILD_OF_V = {
    "models/c/model.yaml": model(
        "base_models: [{model: v, relation: merge}]", name="c", default_version="1.0.0"
    ),
    C: "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\nchangelog: x\n",
}
RELEASE_OF_C = {"version": "1.0.0", "released": "2026-01-01T00:00:00Z", "changelog": "x"}
FROZEN = {
    "models/c/model.yaml": model(name="c"),
    C: record(RELEASE_OF_C, base_models="[{model: v, relation: finetune}]"),
    "licenses/nc.yaml": LICENSE.replace("MIT", "nc").replace("true", "false"),
}
"""A child whose version says what it was made of, and whose model.yaml does not."""
NON_COMMERCIAL = V_MODEL.replace("license_type: MIT", "license_type: nc")
STRICT = "scans: {signatures_required: true, max_age_days: 3650}\n"
NO_SCAN_WAIVER = record(WAIVER, rules="[scan-missing]", targets="[v@1.1.0]")
NO_LICENSE = {M: model(name="v", source="{type: custom}", default_version="1.0.0", license_type=None)}
BARE = str(NO_LICENSE[M])
EXPIRED = record(WAIVER, expires="2026-05-01")
DENY = "licenses: {denied: [MIT]}\n"
FAILED_LATER = record(SCAN, **FAILED, finished=LATER)
BOTH_BARE = {
    **NO_LICENSE,
    **NEW_VERSION,
}


@dataclass(frozen=True)
class Scenario:
    name: str
    base: Changes
    change: Changes
    expected: tuple[str, ...]


def scenario(name: str, base: Changes, change: Changes, *expected: str) -> Scenario:
    return Scenario(name, base, change, expected)


ALL = (
    # What a change adds and edits
    scenario("nothing changed", {}, {}),
    scenario("a clean new model", {}, artifacts(name="n")),
    scenario("a clean new version", {}, NEW_VERSION),
    scenario(
        "a new version without a scan", {}, UNSCANNED, "error scan-missing models/v/versions/1.1.0.yaml"
    ),
    scenario("a new version whose waiver is on the base", {W: NO_SCAN_WAIVER}, UNSCANNED),
    scenario(
        "a waiver in the same change",
        {},
        {**UNSCANNED, W: NO_SCAN_WAIVER},
        "error scan-missing models/v/versions/1.1.0.yaml",
        f"warning waiver-unapproved {W}",
    ),
    scenario(
        "a waiver for other bytes",
        {W: NO_SCAN_WAIVER.replace(MANIFEST, "0" * 64)},
        UNSCANNED,
        "error scan-missing models/v/versions/1.1.0.yaml",
    ),
    scenario("a waiver alone", {}, {W: record(WAIVER)}, f"warning waiver-unapproved {W}"),
    scenario("a comment", {}, {V: V_VERSION + "# seen\n"}),
    scenario("the order of keys", {}, {V: "".join(sorted(V_VERSION.splitlines(keepends=True)))}),
    scenario(
        "another spelling of the same", {}, {V: V_VERSION.replace("changelog: First.", 'changelog: "First."')}
    ),
    scenario(
        "a changed changelog", {}, {V: V_VERSION.replace("First", "Second")}, f"error version-modified {V}"
    ),
    scenario(
        "two changed fields",
        {},
        {V: record(VERSION, changelog="x", format="gguf")},
        *[f"error version-modified {V}"] * 2,
    ),
    scenario(
        "files filled once",
        {V: record(VERSION, files=None), R: record(SCAN, status="SKIPPED", reason="x", manifest_sha256=None)},
        {V: V_VERSION, R: V_SCAN},
    ),
    scenario(
        "files changed",
        {},
        {V: V_VERSION.replace("ab" * 32, "cd" * 32)},
        f"error scan-mismatch {R}",
        f"error version-modified {V}",
    ),
    scenario(
        "files emptied",
        {},
        {V: record(VERSION, files=None)},
        f"error files-missing {V}",
        f"error scan-mismatch {R}",
        f"error version-modified {V}",
    ),
    scenario(
        "files of another version filled",
        {V: record(VERSION, files="[]")},
        {V: V_VERSION},
        f"error version-modified {V}",
    ),
    scenario("a version mended that was none", {V: "version: 1\n"}, {V: V_VERSION}),
    scenario(
        "the source's type of a released model",
        {},
        {M: str(V_MODEL).replace("custom", "api")},
        f"error schema-invalid {V}",
        f"error schema-invalid {V}",
        f"error version-modified {M}",
    ),
    scenario(
        "version file renamed",
        {},
        {V: None, R: None, **NEW_VERSION, M: str(V_MODEL).replace("1.0.0", "1.1.0")},
        f"error version-deleted {V}",
    ),
    # Numbers
    scenario(
        "another vocabulary in a minor version",
        {V: record(VERSION, fingerprint="{vocab_size: 32000}")},
        bumped("1.1.0", "{vocab_size: 64000}"),
        "error version-bump-too-small models/v/versions/1.1.0.yaml",
    ),
    scenario(
        "another vocabulary in a major version",
        {V: record(VERSION, fingerprint="{vocab_size: 32000}")},
        bumped("2.0.0", "{vocab_size: 64000}"),
    ),
    scenario(
        "another architecture in the model and a new patch",
        {},
        {**bumped("1.0.1", None), M: str(V_MODEL).replace("llama", "qwen2")},
        "error version-bump-too-small models/v/versions/1.0.1.yaml",
    ),
    scenario(
        "a number that a waiver of the base accepts",
        {
            V: record(VERSION, fingerprint="{vocab_size: 32000}"),
            W: record(WAIVER, rules="[version-bump-too-small]", targets="[v@1.1.0]"),
        },
        bumped("1.1.0", "{vocab_size: 64000}"),
    ),
    scenario(
        "a yank does not make the step smaller",
        {V: record(VERSION, fingerprint="{vocab_size: 32000}")},
        {
            **bumped("1.1.0", "{vocab_size: 64000}"),
            V: record(VERSION, fingerprint="{vocab_size: 32000}", yanked=YANKED),
        },
        "error version-bump-too-small models/v/versions/1.1.0.yaml",
        f"warning default-version-yanked {M}",
    ),
    # Deleting
    scenario(
        "version deleted",
        {},
        {V: None, R: None},
        f"error default-version-missing {M}",
        f"error version-deleted {V}",
        f"error version-missing {M}",
    ),
    scenario("scan deleted", {}, {R: None}, f"error scan-missing {V}"),
    scenario("model removed with a tombstone", {}, REMOVED),
    scenario("model removed without", {}, {M: None, V: None, R: None}, f"error version-deleted {V}"),
    scenario(
        "model removed, tombstone broken",
        {},
        {**REMOVED, "removed/v.yaml": "name: v\n"},
        f"error version-deleted {V}",
        *["error schema-invalid removed/v.yaml"] * 3,
    ),
    scenario(
        "model removed in part",
        {},
        {**{k: v for k, v in REMOVED.items() if k != R}},
        f"error version-deleted {V}",
        f"error name-removed {M}",
        f"error version-missing {M}",
        f"error version-missing {R}",
    ),
    scenario(
        "tombstone edited",
        {T: record(TOMBSTONE)},
        {T: record(TOMBSTONE, reason="new")},
        f"error tombstone-modified {T}",
    ),
    scenario("tombstone's comment edited", {T: record(TOMBSTONE)}, {T: record(TOMBSTONE) + "# x\n"}),
    scenario("tombstone deleted", {T: record(TOMBSTONE)}, {T: None}, f"error tombstone-modified {T}"),
    scenario("tombstone emptied", {T: record(TOMBSTONE)}, {T: ""}, f"error schema-invalid {T}"),
    scenario("acknowledged", {}, {A: ACK}),
    scenario(
        "acknowledgment changed",
        {A: ACK},
        {A: ACK.replace("commercial", "research")},
        f"error ack-modified {A}",
    ),
    scenario("acknowledgment deleted", {A: ACK}, {A: None}, f"error ack-modified {A}"),
    scenario("acknowledgment's comment edited", {A: ACK}, {A: ACK + "# x\n"}),
    scenario(
        "name reused",
        {T: record(TOMBSTONE)},
        artifacts(name="gone"),
        "error name-removed models/gone/model.yaml",
    ),
    scenario(
        "name reused, tombstone gone",
        {T: record(TOMBSTONE)},
        {**artifacts(name="gone"), T: None},
        "error name-removed models/gone/model.yaml",
        f"error tombstone-modified {T}",
    ),
    # Waivers
    scenario(
        "an expired waiver, model touched",
        {**NO_LICENSE, W: EXPIRED},
        {M: BARE + "# x\n"},
        f"warning license-missing {M}",
    ),
    scenario("an expired waiver, model not touched", {**NO_LICENSE, W: EXPIRED}, {S: model() + "# x\n"}),
    scenario(
        "a waiver extended",
        {**NO_LICENSE, W: EXPIRED},
        {W: record(WAIVER), M: BARE + "# x\n"},
        f"warning license-missing {M}",
        f"warning waiver-unapproved {W}",
    ),
    scenario(
        "a waiver widened",
        {**NO_LICENSE, W: record(WAIVER, rules="[scan-missing]")},
        {W: record(WAIVER), M: BARE + "# x\n"},
        f"error license-missing {M}",
        f"warning waiver-unapproved {W}",
    ),
    scenario(
        "an expired waiver touched", {W: EXPIRED}, {W: EXPIRED + "# x\n"}, f"warning waiver-expired {W}"
    ),
    scenario("an expired waiver cleared away", {W: EXPIRED}, {W: None}),
    scenario(
        "a waiver withdrawn", {**NO_LICENSE, W: record(WAIVER)}, {W: None}, f"warning license-missing {M}"
    ),
    scenario(
        "a waiver without the digest of the files",
        {W: record(WAIVER, rules="[scan-missing]", targets="[v@1.1.0]", manifest_sha256=None)},
        UNSCANNED,
        "error scan-missing models/v/versions/1.1.0.yaml",
    ),
    scenario(
        "a waiver of one version for a finding on two",
        {**NO_LICENSE, W: record(WAIVER)},
        NEW_VERSION,
        f"error license-missing {M}",
    ),
    scenario(
        "a new version of a model without a licence", NO_LICENSE, NEW_VERSION, f"error license-missing {M}"
    ),
    scenario(
        "a waiver of one of two that the scan found",
        {W: record(WAIVER, rules="[scan-failed]", targets="[v@1.1.0]", findings="[Eicar]")},
        {
            **NEW_VERSION,
            "models/v/scans/1.1.0.yaml": record(
                SCAN,
                version="1.1.0",
                status="FAILED",
                findings="[{id: Eicar, engine: clamav, severity: critical, path: w.bin, message: m}, "
                "{id: Other, engine: clamav, severity: critical, path: w.bin, message: m}]",
            ),
        },
        "error scan-failed models/v/scans/1.1.0.yaml",
    ),
    scenario(
        "a waiver of all that the scan found",
        {W: record(WAIVER, rules="[scan-failed]", targets="[v@1.1.0]", findings="[Eicar]")},
        {**NEW_VERSION, "models/v/scans/1.1.0.yaml": record(SCAN, **FAILED, version="1.1.0")},
    ),
    scenario(
        "a waiver of a failed scan that names no finding",
        {W: record(WAIVER, rules="[scan-failed]", targets="[v@1.1.0]")},
        {**NEW_VERSION, "models/v/scans/1.1.0.yaml": record(SCAN, **FAILED, version="1.1.0")},
        "error scan-failed models/v/scans/1.1.0.yaml",
    ),
    scenario(
        "waivers of what none covers",
        {
            W: record(WAIVER, rules="[version-modified, scan-mismatch, scan-replayed, schema-invalid]"),
            R: FAILED_LATER,
        },
        {V: V_VERSION.replace("ab" * 32, "cd" * 32).replace("First", "Second"), R: V_SCAN},
        f"error scan-mismatch {R}",
        f"error scan-replayed {R}",
        *[f"error version-modified {V}"] * 2,
    ),
    scenario(
        "a waiver that ends on the day",
        {W: NO_SCAN_WAIVER.replace("2027-01-01", "2026-06-01")},
        UNSCANNED,
        "error scan-missing models/v/versions/1.1.0.yaml",
    ),
    # Policy and licences
    scenario(
        "policy loosened",
        {P: DENY},
        {
            P: "scans: {signatures_required: false, max_age_days: 3650}\n",
            "models/n/model.yaml": model(name="n"),
        },
        "error license-denied models/n/model.yaml",
    ),
    scenario(
        "policy deleted",
        {P: DENY},
        {P: None, "models/n/model.yaml": model(name="n")},
        "error license-denied models/n/model.yaml",
        f"warning scan-unsigned {R}",
    ),
    scenario("policy tightened", {}, {P: DENY}, f"warning license-denied {M}", f"warning license-denied {S}"),
    scenario(
        "policy tightened, with a new model",
        {},
        {P: DENY, "models/n/model.yaml": model(name="n")},
        f"warning license-denied {M}",
        "warning license-denied models/n/model.yaml",
        f"warning license-denied {S}",
    ),
    scenario(
        "a digest denied",
        {},
        {P: f"denied: [{{sha256: {'ab' * 32}, reason: bad}}]\n"},
        f"warning source-denied {V}",
    ),
    scenario(
        "a severity lowered",
        {},
        {P: "severity: {scan-missing: warning}\n", **UNSCANNED},
        "error scan-missing models/v/versions/1.1.0.yaml",
    ),
    scenario(
        "a severity lowered on the base",
        {P: "severity: {scan-missing: warning}\n"},
        UNSCANNED,
        "warning scan-missing models/v/versions/1.1.0.yaml",
    ),
    scenario(
        "a severity raised",
        {S: model(owners=None)},
        {P: "severity: {owner-missing: error}\n"},
        f"warning owner-missing {S}",
    ),
    scenario(
        "not to be lowered",
        {P: "severity: {version-modified: warning, scan-mismatch: warning}\n"},
        {V: V_VERSION.replace("ab" * 32, "cd" * 32)},
        f"error scan-mismatch {R}",
        f"error version-modified {V}",
    ),
    scenario(
        "policy unreadable",
        {},
        {P: "a: &a # scans:\n"},
        f"error yaml-invalid {P}",
        f"warning scan-unsigned {R}",
    ),
    scenario(
        "a new licence",
        {},
        {
            "licenses/X.yaml": LICENSE.replace("MIT", "X"),
            "models/n/model.yaml": model(name="n", license_type="X"),
        },
        "error license-unreviewed models/n/model.yaml",
    ),
    scenario("a new licence alone", {}, {"licenses/X.yaml": LICENSE.replace("MIT", "X")}),
    scenario(
        "a licence for what was unknown, and another edited",
        {S: model(license_type="X")},
        {"licenses/X.yaml": LICENSE.replace("MIT", "X"), L: LICENSE + "# x\n"},
    ),
    scenario("a licence changed", {}, {L: LICENSE.replace("true", "false")}),
    scenario(
        "a licence deleted", {}, {L: None}, f"warning license-unknown {M}", f"warning license-unknown {S}"
    ),
    scenario(
        "a licence renamed",
        {},
        {L: None, "licenses/X.yaml": LICENSE.replace("id: MIT", "id: X\naliases: [MIT]")},
    ),
    # Bad news
    # Bad news of a parent reaches its children, and does not stop what brings it
    scenario(
        "a parent failed",
        CHILD_OF_V,
        {R: FAILED_LATER},
        f"warning lineage-tainted {C}",
        f"warning scan-failed {R}",
    ),
    scenario("a new child of a failed parent", {R: FAILED_LATER}, CHILD_OF_V, f"error lineage-tainted {C}"),
    # What a scan found does not disappear
    scenario("an older pass over a failure", {R: FAILED_LATER}, {R: V_SCAN}, f"error scan-replayed {R}"),
    scenario(
        "a failure becomes a skip",
        {R: FAILED_LATER},
        {R: record(SCAN, status="SKIPPED", reason="x", finished=None, files=None, engines=None)},
        f"error scan-replayed {R}",
        f"error scan-skipped {R}",
    ),
    scenario(
        "a failure is taken away",
        {R: FAILED_LATER},
        {R: None},
        f"error scan-missing {V}",
        f"error scan-replayed {R}",
    ),
    # Nor while the version is withdrawn, since it need not stay so
    scenario(
        "a failure is taken away from a withdrawn version",
        {R: FAILED_LATER, V: record(VERSION, yanked=YANKED)},
        {R: None},
        f"error scan-replayed {R}",
    ),
    scenario(
        "withdrawn, and an older pass over its failure",
        {R: FAILED_LATER},
        {R: V_SCAN, V: record(VERSION, yanked=YANKED)},
        f"error scan-replayed {R}",
        f"warning default-version-yanked {M}",
    ),
    scenario(
        "a newer pass over a failure", {R: FAILED_LATER}, {R: record(SCAN, finished="2026-05-31T12:00:00Z")}
    ),
    # Who signs
    scenario("signatures from now on", {}, {P: STRICT}, f"warning scan-unsigned {R}"),
    scenario(
        "an unsigned pass where keys are wanted",
        {P: STRICT},
        NEW_VERSION,
        "error scan-unsigned models/v/scans/1.1.0.yaml",
    ),
    scenario("failed after it passed", {}, {R: FAILED_LATER}, f"warning scan-failed {R}"),
    scenario(
        "failed again",
        {R: FAILED_LATER},
        {R: FAILED_LATER.replace(LATER, "2026-05-31T12:00:00Z")},
        f"warning scan-failed {R}",
    ),
    scenario(
        "failed before it passed",
        {},
        {R: record(SCAN, **FAILED, finished="2025-01-01T00:00:00Z")},
        f"error scan-failed {R}",
        f"error scan-replayed {R}",
    ),
    scenario("failed at the same moment", {}, {R: record(SCAN, **FAILED)}, f"error scan-failed {R}"),
    scenario(
        "failed, the first scan",
        UNSCANNED,
        {"models/v/scans/1.1.0.yaml": record(SCAN, **FAILED, version="1.1.0")},
        "warning scan-failed models/v/scans/1.1.0.yaml",
    ),
    scenario(
        "failed, new version",
        {},
        {**NEW_VERSION, "models/v/scans/1.1.0.yaml": record(SCAN, **FAILED, version="1.1.0")},
        "error scan-failed models/v/scans/1.1.0.yaml",
    ),
    scenario(
        "failed, version edited too", {}, {R: FAILED_LATER, V: V_VERSION + "# x\n"}, f"error scan-failed {R}"
    ),
    scenario(
        "failed for other bytes",
        {},
        {R: FAILED_LATER.replace(MANIFEST, "0" * 64)},
        f"error scan-mismatch {R}",
        f"warning scan-failed {R}",
    ),
    scenario("yanked", {}, {V: record(VERSION, yanked=YANKED)}, f"warning default-version-yanked {M}"),
    scenario(
        "yanked, and more",
        {},
        {V: record(VERSION, yanked=YANKED, changelog="x")},
        f"error version-modified {V}",
        f"warning default-version-yanked {M}",
    ),
    scenario(
        "no longer yanked",
        {V: record(VERSION, yanked=YANKED), R: FAILED_LATER},
        {V: V_VERSION},
        f"error scan-failed {R}",
    ),
    scenario(
        "one of two yanked that state no licence",
        BOTH_BARE,
        {V: record(VERSION, yanked=YANKED)},
        f"warning default-version-yanked {M}",
    ),
    scenario(
        "archived under a denied licence",
        {P: DENY},
        {S: model("status: archived")},
        f"warning license-denied {S}",
    ),
    scenario(
        "deprecated under a denied licence",
        {P: DENY},
        {S: model("status: deprecated", "retires_on: 2027-01-01")},
        f"warning license-denied {S}",
    ),
    scenario(
        "retires later under a denied licence",
        {P: DENY, S: model("status: deprecated", "retires_on: 2026-12-01")},
        {S: model("status: deprecated", "retires_on: 2027-01-01")},
        f"error license-denied {S}",
    ),
    scenario(
        "retires earlier under a denied licence",
        {P: DENY, S: model("status: deprecated", "retires_on: 2027-01-01")},
        {S: model("status: deprecated", "retires_on: 2026-12-01")},
        f"warning license-denied {S}",
    ),
    scenario(
        "no longer archived",
        {P: DENY, S: model("status: archived")},
        {S: model()},
        f"error license-denied {S}",
    ),
    scenario(
        "deprecated instead of archived",
        {P: DENY, S: model("status: archived")},
        {S: model("status: deprecated")},
        f"error license-denied {S}",
    ),
    scenario(
        "archived, and more",
        {P: DENY},
        {S: model("status: archived", "tags: [x]")},
        f"error license-denied {S}",
    ),
    scenario(
        "a parent made of its child",
        CHILD,
        {M: str(V_MODEL) + "base_models: [{model: c, relation: merge}]\n"},
        "error lineage-cycle models/c/model.yaml",
        f"error lineage-cycle {M}",
    ),
    scenario(
        "a parent that is not there, frozen in a version",
        {},
        {
            "models/v/versions/1.1.0.yaml": record(
                VERSION, version="1.1.0", base_models="[{model: vv, relation: merge}]"
            ),
            "models/v/scans/1.1.0.yaml": record(SCAN, version="1.1.0"),
        },
        "error lineage-unknown-base models/v/versions/1.1.0.yaml",
    ),
    # What a version froze, and a parent that the catalog holds under its Hub id, pass things on as well
    scenario(
        "the licence of a frozen parent", FROZEN, {M: NON_COMMERCIAL}, f"error license-lineage-conflict {C}"
    ),
    scenario(
        "the licence of a frozen parent's parent",
        {**FROZEN, "models/d/model.yaml": model("base_models: [{model: c, relation: adapter}]", name="d")},
        {M: NON_COMMERCIAL},
        f"error license-lineage-conflict {C}",
        "error license-lineage-conflict models/d/model.yaml",
    ),
    scenario(
        "the licence of a parent on the Hub that the catalog holds",
        {
            **FROZEN,
            C: record(RELEASE_OF_C),
            M: V_MODEL.replace("{type: custom}", "{type: huggingface, model_id: Org/V}"),
            "models/c/model.yaml": model("base_models: [{model: hf:org/v, relation: merge}]", name="c"),
        },
        {M: NON_COMMERCIAL.replace("{type: custom}", "{type: huggingface, model_id: Org/V}")},
        "error license-lineage-conflict models/c/model.yaml",
    ),
    scenario(
        "a parent on the Hub comes into the catalog",
        {**FROZEN, C: record(RELEASE_OF_C, base_models="[{model: hf:org/n, relation: merge}]")},
        artifacts({"license_type": "nc", "source": "{type: huggingface, model_id: Org/N}"}, name="n"),
        f"error license-lineage-conflict {C}",
    ),
    scenario("a frozen parent removed", FROZEN, REMOVED, f"warning lineage-unknown-base {C}"),
    scenario(
        "a frozen parent failed",
        FROZEN,
        {R: FAILED_LATER},
        f"warning lineage-tainted {C}",
        f"warning scan-failed {R}",
    ),
    scenario("a parent removed", CHILD, REMOVED, "warning lineage-unknown-base models/c/model.yaml"),
    scenario(
        "a tombstone without its removal",
        {},
        {"removed/v.yaml": record(TOMBSTONE, name="v")},
        f"warning name-removed {M}",
    ),
    scenario(
        "a parent removed and a child touched",
        CHILD,
        {**REMOVED, "models/c/model.yaml": str(CHILD["models/c/model.yaml"]) + "# x\n"},
        "error lineage-unknown-base models/c/model.yaml",
    ),
    scenario(
        "a parent removed beside another's tombstone",
        {
            **CHILD,
            "models/v2/model.yaml": model(name="v2"),
            "models/d/model.yaml": model("base_models: [{model: s, relation: merge}]", name="d"),
        },
        {"models/v2/model.yaml": None, "removed/v2.yaml": record(TOMBSTONE, name="v2"), S: None},
        "error lineage-unknown-base models/d/model.yaml",
    ),
    scenario("unreadable YAML never lands", {}, {S: "a: [\n"}, f"error yaml-invalid {S}"),
    scenario("nor an unreadable scan", {}, {R: "status: [\n"}, f"error yaml-invalid {R}"),
    scenario(
        "archived, but unreadable before and after",
        {S: model("x: 1")},
        {S: model("x: 1", "status: archived")},
        f"error schema-invalid {S}",
    ),
    # What was there before
    scenario(
        "errors in files that are not touched",
        {"models/bad/model.yaml": "a: [\n", "README.md": "x", **NO_LICENSE},
        {S: model() + "# x\n"},
    ),
    scenario(
        "errors in files that are",
        {**NO_LICENSE, "README.md": "x"},
        {M: BARE + "# x\n", "README.md": "y"},
        f"error license-missing {M}",
        "error unknown-file README.md",
    ),
    scenario("errors mended", NO_LICENSE, {M: V_MODEL}),
    scenario(
        "a second of a folded name",
        {},
        {"models/a-b/model.yaml": model(name="a-b"), "models/a.b/model.yaml": model(name="a.b")},
        "error name-collision models/a-b/model.yaml",
        "error name-collision models/a.b/model.yaml",
    ),
    scenario(
        "one of three of a folded name removed",
        {f"models/{n}/model.yaml": model(name=n) for n in ("a-b", "a.b", "a_b")},
        {"models/a_b/model.yaml": None, "removed/a_b.yaml": record(TOMBSTONE, name="a_b")},
        "warning name-removed models/a-b/model.yaml",
        "warning name-removed models/a.b/model.yaml",
    ),
    # Nothing that is no file
    scenario(
        "a link",
        {},
        {"models/s/x.yaml": lambda path: path.symlink_to("/etc/passwd")},
        "error unknown-file models/s/x.yaml",
    ),
    scenario(
        "a record becomes a link",
        {},
        {S: lambda path: (path.unlink(), path.symlink_to("../v/model.yaml"))[0]},
        f"error unknown-file {S}",
        f"error version-missing {S}",
    ),
    scenario(
        "Git's attributes",
        {},
        {".gitattributes": "* filter=evil merge=evil\n", "models/s/.gitattributes": "* text=auto\n"},
        "error unknown-file .gitattributes",
        "error unknown-file models/s/.gitattributes",
    ),
    scenario(
        "a file becomes a folder",
        {"models/n": "x"},
        {"models/n": None, **{f"models/n/{k}": v for k, v in {"model.yaml": model(name="n")}.items()}},
    ),
)
