"""Licence terms in plain words. Facts of the records only; what nobody recorded is unknown, never a yes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budmodel.domain.licensing import LicenseBook, Operation, Resolution, Term
from budmodel.domain.uses import Reply
from budmodel.render.filters import summary
from budmodel.schema.license import License
from budmodel.schema.model import LicenseRestrictions
from budmodel.schema.values import Permission, format_count

Answer = Permission | None
_RANK: dict[Answer, int] = {False: 0, None: 1, "conditional": 2, True: 3}
_TEXT: dict[Answer, str] = {True: "yes", False: "no", "conditional": "conditional", None: "not recorded"}
_TONE: dict[Answer, str] = {True: "good", False: "bad", "conditional": "warn", None: "muted"}
_REPLIES: dict[Reply, Answer] = {"allow": True, "warn": "conditional", "unknown": None, "deny": False}
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


def narrower_terms(
    restrictions: LicenseRestrictions | None, licenses: Sequence[License]
) -> Iterator[TermLine]:
    """What the organisation forbids with a model although its licences give it.

    Args:
        restrictions: what the organisation states.
        licenses: those that hold together.
    """
    if restrictions is None:
        return
    for field, about in _QUESTIONS:
        given = any(getattr(license_, field) is not False for license_ in licenses)
        if given and getattr(restrictions, field, None) is False:
            yield TermLine(about, "not allowed")
    stated = restrictions.monthly_active_users_limit
    limits_ = (license_.monthly_active_users_limit for license_ in licenses)
    if stated is not None and all(limit is None or stated < limit for limit in limits_):
        yield TermLine("Monthly active users", f"up to {format_count(stated)}")


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


def of_reply(reply: Reply) -> Verdict:
    """What the licence engine replies, in the words of the records' answers."""
    return verdict(_REPLIES[reply])


def handed_down(answer: Answer, reply: Reply) -> Answer:
    """The answer with what the licence engine takes from it: a model is never freer than its parents.

    Args:
        answer: of the model's own licence.
        reply: what the engine says because of the ancestors; allow where they take nothing.
    """
    if reply in ("deny", "unknown"):
        return min(answer, _REPLIES[reply], key=_RANK.__getitem__)
    return "conditional" if reply == "warn" and answer is True else answer


def limits(licenses: Sequence[License], restrictions: LicenseRestrictions | None = None) -> list[str]:
    """Limits in a few words each, for a table; of several numbers of users the lowest, which binds.

    Args:
        licenses: those that hold together; of a choice those that are chosen (:func:`binding`).
        restrictions: what the organisation narrows.
    """
    stated = restrictions.monthly_active_users_limit if restrictions is not None else None
    users = [
        one.monthly_active_users_limit
        for one in licenses
        if one.monthly_active_users_limit is not None and one.limits_bring != "duty"
    ]
    lowest = min([*users, *([stated] if stated is not None else [])], default=None)
    found = [f"up to {format_count(lowest)} monthly active users"] if lowest is not None else []
    for license_ in licenses:
        duty = license_.limits_bring == "duty"
        found += [
            f"a duty above {amount}" if duty else f"up to {amount}"
            for _, amount, fact in _amounts(license_)
            if duty or fact != "monthly_active_users_limit"
        ]
        if license_.research_only:
            found.append("research only")
        if license_.api_only:
            found.append("API only")
        if license_.derivatives_shared is False:
            found.append("derivatives may not be passed on")
        if license_.territories_excluded:
            found.append(f"not in {', '.join(license_.territories_excluded)}")
    return list(dict.fromkeys(found))


def binding(term: Term | None, book: LicenseBook) -> list[License]:
    """The licences that hold together: of ``OR`` those of the side with the fewest limits."""
    if term is None:
        return []
    if isinstance(term, Operation):
        sides = [binding(inner, book) for inner in term.terms]
        if term.operator == "AND":
            return [license_ for side in sides for license_ in side]
        return min(sides, key=lambda side: len(limits(side)))
    license_ = book.find(term)
    return [license_] if license_ is not None else []


def _amounts(license_: License) -> Iterator[tuple[str, str, str]]:
    """What each limit is about, how much it is, and its field."""
    if license_.monthly_active_users_limit is not None:
        much = f"{format_count(license_.monthly_active_users_limit)} monthly active users"
        yield "Monthly active users", much, "monthly_active_users_limit"
    if license_.annual_revenue_limit_usd is not None:
        much = f"${format_count(license_.annual_revenue_limit_usd)} revenue a year"
        yield "Annual revenue", much, "annual_revenue_limit_usd"
    if license_.monthly_revenue_limit_usd is not None:
        much = f"${format_count(license_.monthly_revenue_limit_usd)} revenue a month"
        yield "Monthly revenue", much, "monthly_revenue_limit_usd"


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


def short_terms(license_: License, words: int) -> Terms:
    """The terms without the places where they were read, each in so many characters."""
    terms = terms_of(license_)

    def shortened(lines: Sequence[TermLine]) -> tuple[TermLine, ...]:
        return tuple(TermLine(line.about, summary(line.says, words)) for line in lines)

    return Terms(
        permissions=shortened(terms.permissions),
        conditions=shortened(terms.conditions),
        limitations=shortened(terms.limitations),
        unknown=terms.unknown,
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
    whose = " (for business alone)" if license_.limits_bind == "commercial-use" else ""
    for about, amount, fact in _amounts(license_):
        if license_.limits_bring == "duty":
            duty = "the duty under Naming" if license_.naming else "a duty that the text names"
            yield "if", about, f"above {amount}{whose} {duty} applies; no other agreement is needed", fact
        else:
            yield "no", about, f"up to {amount}{whose}; above that another agreement is needed", fact
    if license_.derivatives_shared is False:
        says = "derivatives may be made, but not passed on"
        yield "no", "Passing derivatives on", says, "derivatives_shared"
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
