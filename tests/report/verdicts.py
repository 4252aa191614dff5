"""Verdicts that every reporter must cope with."""

from __future__ import annotations

from budmodel.findings import CheckResult, Finding, Severity, Waived

VERSION_PATH = "catalog/models/x/versions/1.0.0.yaml"
ESCAPE = "\x1b[2J\x1b]0;owned\x07"
HOSTILE = (
    f"{ESCAPE} \u202eevil\u202c \u2028 | `code` ``two`` \\| <script>alert(1)</script> @everyone #1 "
    "[a](https://evil.example) ]]> &amp; {0} %0A::error::x\n::error file=x::injected\r\n##[error]y, "
    "a:b \ufffe \x85 \udcff www.evil.example"
)
HOSTILE_PATH = "catalog/models/x:y,z%\n::warning::w/ä b\udcff.yaml"


def finding(number: int = 1, **changes: object) -> Finding:
    """An ordinary error."""
    fields: dict[str, object] = {
        "rule": "scan-missing",
        "message": f"x@1.0.{number} has no scan record, so nobody knows what its bytes hold",
        "path": f"catalog/models/x/versions/1.0.{number}.yaml",
        "field_path": ("version",),
        "fix": f"run: budmodel scan x@1.0.{number}",
        "targets": (f"x@1.0.{number}",),
        "excerpt": f"version: 1.0.{number}",
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]


def waived(number: int, **changes: object) -> Waived:
    """A waived finding."""
    return Waived(
        finding=finding(number, **changes),
        waiver="catalog/waivers/x.yaml",
        expires="2027-05-22",
        reason="The scanner is being set up",
        approved_by="security@example.org",
    )


UNKNOWN_KEY = finding(
    rule="schema-invalid",
    message="unknown key parameter_cuont",
    path="catalog/models/x/model.yaml",
    line=3,
    column=1,
    field_path=("parameter_cuont",),
    fix="did you mean parameter_count?",
    targets=(),
    excerpt="parameter_cuont: 70000000000",
)
WIDE = finding(
    rule="schema-invalid",
    severity=Severity.WARNING,
    message="tags.1 must be text, not 5",
    path="catalog/models/x/model.yaml",
    line=12,
    column=16,
    field_path=("tags", 1),
    fix="",
    targets=(),
    excerpt="\ttags: [模型, e\u0301, 5]",
)
EVIL = finding(
    rule="yaml-invalid",
    message=HOSTILE,
    path=HOSTILE_PATH,
    line=7,
    column=900,
    field_path=(HOSTILE,),
    fix=HOSTILE,
    targets=(),
    excerpt="a" * 880 + HOSTILE + "b" * 10_000,
)
NO_RULE = finding(
    rule="made-by-a-plugin", message="something else", path="catalog/policy.yaml", fix="", excerpt=""
)

EMPTY = CheckResult(findings=(), waived=(), models=0, versions=0)
CLEAN = CheckResult(findings=(), waived=(), models=1, versions=1)
WARNED = CheckResult(findings=(WIDE,), waived=(), models=31, versions=33)
WAIVED = CheckResult(
    findings=(),
    waived=(waived(1), waived(2), waived(1, rule="files-missing", message="x@1.0.1 lists no files")),
    models=31,
    versions=33,
)
FAILED = CheckResult(findings=(UNKNOWN_KEY, WIDE, finding(1), finding(2)), waived=(), models=1, versions=2)
HOSTILE_RESULT = CheckResult(
    findings=(EVIL, EVIL),
    waived=(
        Waived(finding=EVIL, waiver=HOSTILE_PATH, expires="2027-05-22", reason=HOSTILE, approved_by=HOSTILE),
    ),
    models=1,
    versions=1,
)
EVERYTHING = CheckResult(
    findings=(UNKNOWN_KEY, WIDE, finding(1), NO_RULE, EVIL),
    waived=WAIVED.waived + HOSTILE_RESULT.waived,
    models=31,
    versions=1234,
)

ALL = {
    "empty": EMPTY,
    "clean": CLEAN,
    "warned": WARNED,
    "waived": WAIVED,
    "failed": FAILED,
    "hostile": HOSTILE_RESULT,
    "everything": EVERYTHING,
}


def many(number: int) -> CheckResult:
    """So many findings."""
    return CheckResult(
        findings=tuple(finding(index) for index in range(number)), waived=(), models=1, versions=number
    )
