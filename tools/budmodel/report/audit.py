"""The page for an auditor as blocks of facts and tables, before any format."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.operations.auditing import USES, Audit, LicenseThen
from budmodel.operations.provenance import Approval, Origin
from budmodel.report.page import Block
from budmodel.schema.model import BaseModelReference

_LEVELS = ("deny", "warn", "allow")


def blocks(audit: Audit) -> Iterator[Block]:
    """The whole page, in the order in which an auditor asks."""
    yield _subject(audit)
    yield Block(
        title="Decision",
        facts=tuple((f"For {one.use} use", one.answer.decision) for one in audit.decisions),
    )
    yield Block(
        title="Reasons",
        header=("Level", "Use", "Reason", "Clause"),
        rows=tuple(_reasons(audit)),
        empty="Nothing speaks against it.",
    )
    yield Block(title="Duties", header=("Use", "Duty"), rows=tuple(_duties(audit)), empty="None.")
    yield Block(
        title="Approval",
        header=("Record", "SHA-256", "Added", "Last changed", "By", "Signature", "Commit"),
        rows=tuple(_origin_row(one) for one in audit.files),
        empty="No commit of this branch is known to have brought the records.",
    )
    yield _license_head(audit)
    for one in audit.licenses:
        yield _license(one)
    yield _scan(audit)
    yield from _exceptions(audit)
    yield Block(
        title="Latest changes of the model",
        header=("When", "Commit", "Author", "What"),
        rows=tuple(
            (
                entry.time,
                entry.commit[:12],
                f"{entry.author} <{entry.email}>",
                "; ".join(event.what for event in entry.events) or entry.subject,
            )
            for entry in audit.history
        ),
    )


def _subject(audit: Audit) -> Block:
    record = audit.record
    size = sum(file.size for file in record.files or ())
    facts = [
        ("Model", f"{audit.name}@{audit.version}"),
        ("Judged at", f"{audit.evaluated_at} (UTC)"),
        ("Catalog", f"commit {audit.commit} of {audit.commit_time}"),
        ("Lifecycle", audit.model.status),
        ("Released", record.released),
        ("Files", f"{len(record.files)} files, {size:,} bytes" if record.files else "none listed"),
        ("Manifest SHA-256", str(audit.decisions[0].answer.subject["manifest_sha256"] or "none")),
        ("Stored at", str(audit.decisions[0].answer.subject["uri"] or "not stated")),
    ]
    bases = record.base_models if record.base_models is not None else audit.model.base_models
    facts += [("Made of", _base(base)) for base in bases]
    if not any(one.path.endswith("/policy.yaml") for one in audit.files):
        facts.append(("Policy", "the strict defaults, as the catalog has no policy.yaml"))
    if record.yanked is not None:
        facts.append(("Withdrawn", f"{record.yanked.on}: {record.yanked.reason}"))
    return Block(title="Subject", facts=tuple(facts))


def _base(base: BaseModelReference) -> str:
    revision = f" at {base.revision}" if base.revision else ""
    stated = f", under {base.license_type}" if base.license_type else ""
    return f"{base.model}{revision} ({base.relation}{stated})"


def _reasons(audit: Audit) -> Iterator[tuple[str, ...]]:
    told: dict[tuple[str, str, str], list[str]] = {}
    for one in audit.decisions:
        for reason in one.answer.reasons:
            told.setdefault((reason.level, reason.message, reason.clause), []).append(one.use)
    for (level, message, clause), uses in sorted(told.items(), key=lambda item: _LEVELS.index(item[0][0])):
        yield level, _uses(uses), message, clause


def _uses(uses: list[str]) -> str:
    return "any" if len(uses) == len(USES) else ", ".join(uses)


def _duties(audit: Audit) -> Iterator[tuple[str, ...]]:
    told: dict[str, list[str]] = {}
    for one in audit.decisions:
        for duty in one.answer.duties:
            told.setdefault(duty, []).append(one.use)
    for duty, uses in told.items():
        yield _uses(uses), duty


def _origin_row(origin: Origin) -> tuple[str, ...]:
    last = origin.approved
    return (
        origin.path,
        origin.sha256,
        origin.introduced.committer.time,
        last.committer.time,
        who(last),
        f"{last.signature.kind}: {last.signature.reason}",
        f"{last.commit}: {last.subject}",
    )


def who(approval: Approval) -> str:
    """Who stands behind a commit, in words: a merge has an approver and somebody who wrote the change."""
    author, committer = approval.author, approval.committer
    named = f"{author.name} <{author.email}>"
    said = f"{'merged' if approval.merge else 'committed'} by {named}"
    if (committer.name, committer.email) != (author.name, author.email):
        said += f", committer {committer.name} <{committer.email}>"
    if approval.written_by is not None:
        said += f"; written by {approval.written_by.name} <{approval.written_by.email}>"
    return said


def _license_head(audit: Audit) -> Block:
    facts = [("Licence", audit.terms.expression or "none is stated, which is never a yes")]
    if audit.record.license_text_sha256 is not None:
        facts.append(("Text frozen at release, SHA-256", audit.record.license_text_sha256))
    facts += [("Unknown", f"{name} has no record, which is never a yes") for name in audit.terms.unknown]
    if audit.terms.error:
        facts.append(("Unreadable", audit.terms.error))
    return Block(title="Licence", facts=tuple(facts))


def _license(then: LicenseThen) -> Block:
    record = then.record
    skipped = {"id", "name", "texts", "source", "aliases", "annotations", "notes", "reviewed"}
    terms = record.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude=skipped)
    facts = [("Name", record.name)]
    for text in record.texts:
        where = f", {text.url}" if text.url else ""
        seen = f", seen {text.seen}" if text.seen else ""
        kept = f", kept in catalog/licenses/texts/{text.sha256}.txt" if text.sha256 in then.kept else ""
        facts.append(("Text SHA-256", f"{text.sha256}{where}{seen}{kept}"))
    facts += [(key.replace("_", " ").capitalize(), _said(value)) for key, value in terms.items()]
    facts.append(("Read in", _said(record.source)))
    if record.notes:
        facts.append(("Notes", record.notes))
    reviewed = record.reviewed
    facts.append(("Reviewed", f"by {reviewed.by} on {reviewed.on}" if reviewed else "by nobody"))
    if then.origin is not None:
        facts.append(("Record", f"{then.origin.path}, SHA-256 {then.origin.sha256}"))
        facts.append(("Approved", f"{who(then.origin.approved)}, commit {then.origin.approved.commit}"))
    return Block(title="Licence", about=record.id, facts=tuple(facts))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_said, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _scan(audit: Audit) -> Block:
    facts = [("State", audit.scan_state.text)]
    facts += [("Record", f"{one.path}, SHA-256 {one.sha256}") for one in audit.files if "/scans/" in one.path]
    proof = audit.proof
    if proof is None:
        return Block(title="Scan", facts=(*facts, ("Evidence", audit.no_proof)))
    facts += [
        ("Verdict", f"{proof.record.status}, finished {proof.record.finished or 'never'}"),
        ("Of the bytes", proof.record.manifest_sha256 or "none"),
        ("Bound to this version", "yes" if proof.bound else "no"),
        (
            "Seen whole",
            f"{proof.files_covered} of {proof.files_total} files, "
            f"{proof.bytes_covered:,} of {proof.bytes_total:,} bytes",
        ),
    ]
    for engine in proof.record.engines:
        known = engine.database
        signatures = (
            f", signature database {known.version or 'of no version'} of {known.date or 'no date'}"
            if known is not None
            else ""
        )
        facts.append(("Engine", f"{engine.name} {engine.version}{signatures}"))
    facts += [
        ("Found", f"{one.id} ({one.severity}) in {one.path}: {one.message}") for one in proof.record.findings
    ]
    signed = f", judged at {proof.signed_at}" if proof.signed_at else ""
    facts.append(("Signed", f"{proof.signature.kind}: {proof.signature.reason}{signed}"))
    facts += [("Not proven", problem) for problem in (*proof.problems, *proof.age.stale)]
    return Block(title="Scan", facts=tuple(facts))


def _exceptions(audit: Audit) -> Iterator[Block]:
    yield Block(
        title="Waivers",
        header=("Waiver", "Rules", "In force", "Expires", "Reason", "Approved by", "Brought by"),
        rows=tuple(
            (
                one.path,
                ", ".join(one.record.rules),
                "yes" if one.in_force else "expired",
                one.record.expires,
                one.record.reason,
                one.record.approved_by,
                who(one.origin.approved) if one.origin is not None else "",
            )
            for one in audit.waivers
        ),
        empty="None names this version.",
    )
    yield Block(
        title="Acknowledgments",
        header=("By", "On", "Use", "Licence", "Text SHA-256", "Note", "Brought by"),
        rows=tuple(
            (
                one.record.by,
                one.record.on,
                one.record.use,
                one.record.license_id,
                one.record.license_text_sha256 or "",
                one.record.note or "",
                who(one.origin.approved) if one.origin is not None else "",
            )
            for one in audit.acknowledgments
        ),
        empty="Nobody acknowledged a licence for this version.",
    )
