"""Licence terms in plain words. Facts of the records only; what nobody recorded is unknown, never a yes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.domain.licensing import LicenseBook, Operation, Resolution, Term
from budmodel.domain.uses import Level
from budmodel.schema.license import License
from budmodel.schema.model import LicenseRestrictions
from budmodel.schema.values import Permission, format_count

Answer = Permission | None
_RANK: dict[Answer, int] = {False: 0, None: 1, "conditional": 2, True: 3}
_TEXT: dict[Answer, str] = {True: "yes", False: "no", "conditional": "conditional", None: "not recorded"}
_TONE: dict[Answer, str] = {True: "good", False: "bad", "conditional": "warn", None: "muted"}
_QUESTIONS = (
    ("commercial_use", "Commercial use"),
    ("derivatives", "Derivatives (fine-tunes, merges, quantizations)"),
    ("redistribution", "Passing copies on"),
    ("output_use", "Training other models on outputs"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer as text and how it may look."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class TermLine:
    """One term of a licence: what it is about, what it says, where it was read."""

    about: str
    says: str
    read_in: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a licence, sorted as a reader asks for them."""

    permissions: tuple[TermLine, ...]
    conditions: tuple[TermLine, ...]
    limitations: tuple[TermLine, ...]
    unknown: tuple[TermLine, ...]


def verdict(answer: Answer) -> Verdict:
    """Yes, no, conditional or not recorded."""
    return Verdict(_TEXT[answer], _TONE[answer])


def answer_of(resolution: Resolution | None, book: LicenseBook, field: str) -> Answer:
    """What an expression answers to a question: ``AND`` takes the strictest side, ``OR`` the freest."""
    if resolution is None or resolution.tree is None or resolution.error:
        return None
    return _answer(resolution.tree, book, field)


def _answer(term: Term, book: LicenseBook, field: str) -> Answer:
    if isinstance(term, Operation):
        answers = [_answer(inner, book, field) for inner in term.terms]
        choose = min if term.operator == "AND" else max
        return choose(answers, key=_RANK.__getitem__)
    license_ = book.find(term)
    answer: Answer = None if license_ is None else getattr(license_, field)
    return answer


def narrowed(answer: Answer, restrictions: LicenseRestrictions | None, field: str) -> Answer:
    """The answer with what the organisation restricts: it may narrow a licence, never widen it."""
    stated: bool | None = getattr(restrictions, field) if restrictions is not None else None
    return False if stated is False else answer


def handed_down(answer: Answer, level: Level) -> Answer:
    """The answer with what its ancestors leave of it: a model is never freer than its parents.

    Args:
        answer: of the model's own licence.
        level: what the licence engine says of it because of the ancestors; allow where they take nothing.
    """
    if level == "deny":
        return None if answer is None else False
    return "conditional" if level == "warn" and answer is True else answer


def limits(licenses: Sequence[License], restrictions: LicenseRestrictions | None = None) -> list[str]:
    """Limits in a few words each, for a table."""
    found: list[str] = []
    for license_ in licenses:
        found += [line.says for line in _limit_lines(license_)]
        if license_.research_only:
            found.append("research only")
        if license_.api_only:
            found.append("API only")
        if license_.territories_excluded:
            found.append(f"not in {', '.join(license_.territories_excluded)}")
    stated = restrictions.monthly_active_users_limit if restrictions is not None else None
    if stated is not None:
        found.append(f"up to {format_count(stated)} monthly active users")
    return list(dict.fromkeys(found))


def _limit_lines(license_: License) -> Iterator[TermLine]:
    if license_.monthly_active_users_limit is not None:
        says = f"up to {format_count(license_.monthly_active_users_limit)} monthly active users"
        yield TermLine("Monthly active users", says, "monthly_active_users_limit")
    if license_.annual_revenue_limit_usd is not None:
        says = f"up to ${format_count(license_.annual_revenue_limit_usd)} revenue a year"
        yield TermLine("Annual revenue", says, "annual_revenue_limit_usd")
    if license_.monthly_revenue_limit_usd is not None:
        says = f"up to ${format_count(license_.monthly_revenue_limit_usd)} revenue a month"
        yield TermLine("Monthly revenue", says, "monthly_revenue_limit_usd")


def terms_of(license_: License) -> Terms:
    """All recorded terms, each with the place where it was read."""
    places = license_.source if isinstance(license_.source, dict) else {}
    sorted_lines: dict[str, list[TermLine]] = {"yes": [], "if": [], "no": [], "unknown": []}
    for kind, about, says, field in (*_answers(license_), *_duties(license_), *_limits(license_)):
        sorted_lines[kind].append(TermLine(about, says, places.get(field, "")))
    return Terms(
        permissions=tuple(sorted_lines["yes"]),
        conditions=tuple(sorted_lines["if"]),
        limitations=tuple(sorted_lines["no"]),
        unknown=tuple(sorted_lines["unknown"]),
    )


_Line = tuple[str, str, str, str]


def _answers(license_: License) -> Iterator[_Line]:
    kinds = {True: "yes", False: "no", "conditional": "if", None: "unknown"}
    says = {
        True: "allowed",
        False: "not allowed",
        "conditional": "allowed under the conditions and limits of the text",
        None: "not recorded; read the text before you rely on it",
    }
    for field, about in _QUESTIONS:
        answer: Answer = getattr(license_, field)
        yield kinds[answer], about, says[answer], field


def _duties(license_: License) -> Iterator[_Line]:
    if isinstance(license_.attribution, str):
        yield "if", "Attribution", license_.attribution, "attribution"
    elif license_.attribution:
        yield "if", "Attribution", "the licensor must be credited", "attribution"
    if license_.naming:
        yield "if", "Naming", license_.naming, "naming"
    if license_.share_alike:
        yield "if", "Share alike", "derivatives must carry the same licence", "share_alike"
    if license_.pass_on_restrictions:
        says = "whoever receives a copy must be bound to the same use restrictions"
        yield "if", "Passing on restrictions", says, "pass_on_restrictions"


def _limits(license_: License) -> Iterator[_Line]:
    for line in _limit_lines(license_):
        yield "no", line.about, f"{line.says}; above that other terms apply", line.read_in
    if license_.research_only:
        yield "no", "Purpose", "research only", "research_only"
    if license_.api_only:
        yield "no", "Scope", "use through an API only; no weights are given", "api_only"
    if isinstance(license_.use_restrictions, list):
        yield "no", "Forbidden uses", "; ".join(license_.use_restrictions), "use_restrictions"
    elif license_.use_restrictions:
        yield (
            "no",
            "Forbidden uses",
            "the licence or its acceptable-use policy forbids some uses",
            "use_restrictions",
        )
    if license_.territories_excluded:
        yield (
            "no",
            "Territories",
            f"no licence in {', '.join(license_.territories_excluded)}",
            "territories_excluded",
        )
