"""What a licence says to a use: each reason with its clause, and the duties that come with it.

Not legal advice. Pure: it knows licence records and a question, and no catalog. Whatever is not recorded is
unknown, and unknown is never a yes; a licence that somebody recorded without comparing it to its text warns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from budmodel.domain.licensing import LicenseBook, Operation, Term
from budmodel.domain.territories import lies_in
from budmodel.domain.uses import REPLY_RANK, Level, Opinion, Reason, Use
from budmodel.schema.license import License
from budmodel.schema.territories import TERRITORIES
from budmodel.schema.values import format_count


@dataclass(slots=True)
class _Talk:
    """Reasons and duties of one licence as they are found."""

    license: License
    reasons: list[Reason] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)

    def say(self, code: str, level: Level, message: str, fact: str) -> None:
        self.reasons.append(
            Reason(code=code, level=level, message=f"{self.license.id} {message}", clause=self.clause(fact))
        )

    def clause(self, fact: str) -> str:
        source = self.license.source
        if isinstance(source, dict):
            where = source.get(fact) or source.get("text") or ""
        else:
            where = source if isinstance(source, str) else "; ".join(source)
        return f"{self.license.id}: {where}" if where else self.license.id


def opinion_of(tree: Term | None, book: LicenseBook, use: Use, *, whose: str = "") -> Opinion:
    """What an expression says: ``AND`` means all its parts, ``OR`` the freest of them, which is named.

    Args:
        tree: the expression; None where it cannot be read.
        book: the licence records.
        use: what is wanted.
        whose: for messages about a licence that is not recorded.
    """
    if tree is None:
        return _unknown(f"the licence{whose} cannot be read as a name or an expression")
    if isinstance(tree, Operation):
        opinions = [opinion_of(term, book, use, whose=whose) for term in tree.terms]
        if tree.operator == "AND":
            return _sum(opinions)
        best = min(range(len(opinions)), key=lambda index: REPLY_RANK[opinions[index].reply])
        chosen = Reason(
            code="license-chosen",
            level="allow",
            message=f"of {_words(tree)} the choice is {_words(tree.terms[best])}",
        )
        return replace(opinions[best], reasons=(chosen, *opinions[best].reasons))
    record = book.find(tree)
    if record is None:
        return _unknown(f"nobody has recorded the terms of {tree}{whose}")
    return judge(record, use)


def outputs_of(tree: Term | None, book: LicenseBook, use: Use, *, whose: str = "") -> Opinion:
    """What an expression says to a model that was trained on outputs, and holds no weights of the other.

    Args:
        tree: the expression; None where it cannot be read.
        book: the licence records.
        use: what is wanted with the new model.
        whose: for messages about a licence that is not recorded.
    """
    if tree is None:
        return _unknown(f"the licence{whose} cannot be read as a name or an expression")
    if isinstance(tree, Operation):
        opinions = [outputs_of(term, book, use, whose=whose) for term in tree.terms]
        return (
            _sum(opinions) if tree.operator == "AND" else min(opinions, key=lambda one: REPLY_RANK[one.reply])
        )
    record = book.find(tree)
    if record is None:
        return _unknown(f"nobody has recorded the terms of {tree}{whose}")
    talk = _Talk(record)
    if record.output_use is False:
        talk.say("no-output-use", "deny", "does not let outputs train other models", "output_use")
    elif record.output_use == "conditional":
        talk.say("conditional", "warn", "lets outputs train other models under conditions", "output_use")
        _same_purposes(talk, use)
    elif record.output_use is None:
        talk.say("unknown-terms", "warn", "does not say whether outputs may train other models", "output_use")
    if record.naming is not None and "output" in record.naming:
        talk.duties.append(f"{record.id}: {record.naming}")
    return Opinion(reasons=tuple(talk.reasons), duties=tuple(talk.duties))


def _same_purposes(talk: _Talk, use: Use) -> None:
    """The first condition: outputs serve no other purposes than those which the licence is given for."""
    terms = talk.license
    if use.kind == "commercial" and (terms.research_only or terms.commercial_use is False):
        talk.say("non-commercial", "deny", "does not let outputs serve commercial models", "output_use")
    elif use.kind == "internal" and terms.research_only:
        talk.say("research-only", "deny", "lets outputs serve research only", "output_use")


def judge(license_: License, use: Use) -> Opinion:
    """What one licence says to a use."""
    talk = _Talk(license_)
    _commercial(talk, use)
    _limits(talk, use)
    _copies(talk, use)
    _places(talk, use)
    if license_.reviewed is None:
        talk.say(
            "license-unreviewed",
            "warn",
            "was recorded, but nobody has compared the record with its text",
            "text",
        )
    _duties(talk, use)
    return Opinion(reasons=tuple(talk.reasons), duties=tuple(talk.duties))


def inherited(parent: str, path: Sequence[str], opinion: Opinion) -> Opinion:
    """The opinion on an ancestor's licence as one on the model that was made of it."""
    way = " ← ".join(path)
    return Opinion(
        reasons=tuple(
            replace(
                reason,
                message=f"{reason.message} (inherited from {parent}: {way})",
                parent=parent,
                said=reason.message,
            )
            for reason in opinion.reasons
            if reason.code != "license-chosen"
        ),
        duties=tuple(f"{duty} (from {parent})" for duty in opinion.duties),
    )


def _sum(opinions: Iterable[Opinion]) -> Opinion:
    total = Opinion()
    for opinion in opinions:
        total += opinion
    return total


def _unknown(message: str) -> Opinion:
    return Opinion(reasons=(Reason(code="license-unknown", level="deny", message=message),))


def _words(term: Term) -> str:
    if isinstance(term, str):
        return term
    inner = f" {term.operator} ".join(_words(one) for one in term.terms)
    return f"({inner})"


def _commercial(talk: _Talk, use: Use) -> None:
    terms = talk.license
    answer = terms.commercial_use
    if terms.research_only and use.kind != "research":
        talk.say("research-only", "deny", f"allows research only, not {use.kind} use", "research_only")
        return
    if use.kind == "research":
        if answer is None and terms.research_only is None:
            talk.say("unknown-terms", "deny", "has no recorded terms for any use", "commercial_use")
        elif answer == "conditional" and not (_only_users(terms) or terms.limits_bind == "commercial-use"):
            talk.say("conditional", "warn", "allows use under conditions; read them", "commercial_use")
        return
    if answer is True:
        return
    if answer is None:
        talk.say("unknown-terms", "deny", f"does not say whether {use.kind} use is allowed", "commercial_use")
    elif answer is False and use.kind == "commercial":
        talk.say("non-commercial", "deny", "does not allow commercial use", "commercial_use")
    elif answer is False:
        talk.say(
            "non-commercial",
            "warn",
            "does not allow commercial use; a business's internal use may be that",
            "commercial_use",
        )
    elif not _only_users(terms):
        talk.say(
            "conditional", "warn", f"allows {use.kind} use under conditions; read them", "commercial_use"
        )


def _only_users(terms: License) -> bool:
    """Whether what the use depends on is a recorded number of users, so that a number answers it."""
    return terms.monthly_active_users_limit is not None or terms.limits_bring == "duty"


def _limits(talk: _Talk, use: Use) -> None:
    terms = talk.license
    if terms.api_only and not use.api_only:
        talk.say("api-only", "deny", "covers use through an API only; no weights are given", "api_only")
    # Where a limit brings a duty only, that is told among the duties.
    if terms.limits_bring == "duty":
        return
    if terms.limits_bind == "commercial-use" and use.kind == "research":
        return
    limit = terms.monthly_active_users_limit
    if limit is not None:
        if use.mau is None:
            talk.say(
                "users-not-stated",
                "warn",
                f"needs another agreement above {format_count(limit)} monthly active users; state --mau",
                "monthly_active_users_limit",
            )
        elif use.mau > limit:
            talk.say(
                "too-many-users",
                "deny",
                f"gives no right above {format_count(limit)} monthly active users, and {use.mau} are stated",
                "monthly_active_users_limit",
            )
    for fact, per in (("annual_revenue_limit_usd", "year"), ("monthly_revenue_limit_usd", "month")):
        dollars = getattr(terms, fact)
        if dollars is not None:
            talk.say(
                "revenue-limit", "warn", f"gives no right above {dollars} US dollars of revenue a {per}", fact
            )


def _copies(talk: _Talk, use: Use) -> None:
    wanted = (
        (use.derivative, "derivatives", "derivatives"),
        (use.redistribute, "redistribution", "passing copies on"),
    )
    for asked, fact, words in wanted:
        if not asked:
            continue
        answer = getattr(talk.license, fact)
        if answer is False:
            talk.say(f"no-{fact}", "deny", f"does not allow {words}", fact)
        elif answer is None:
            talk.say("unknown-terms", "deny", f"does not say whether {words} is allowed", fact)
        elif answer == "conditional":
            talk.say("conditional", "warn", f"allows {words} under conditions; read them", fact)
    if use.derivative and use.redistribute and talk.license.derivatives_shared is False:
        talk.say(
            "no-derivatives-shared",
            "deny",
            "lets derivatives be made, but not passed on",
            "derivatives_shared",
        )


def _places(talk: _Talk, use: Use) -> None:
    excluded = talk.license.territories_excluded
    if use.territory is not None and use.territory not in TERRITORIES:
        wrong = f"cannot be judged in {use.territory}: there is no such territory"
        talk.say("territory", "deny", wrong, "territories_excluded")
    elif not excluded:
        return
    elif use.territory is None:
        talk.say(
            "territory-not-stated",
            "warn",
            f"is not given in {', '.join(excluded)}; state --territory",
            "territories_excluded",
        )
    elif lies_in(use.territory, excluded):
        talk.say("territory", "deny", f"is not given in {use.territory}", "territories_excluded")


def _duties(talk: _Talk, use: Use) -> None:
    terms = talk.license
    passes_on = use.redistribute or use.derivative
    if terms.attribution is True:
        talk.duties.append(f"{terms.id}: give credit as the licence says")
    elif isinstance(terms.attribution, str):
        talk.duties.append(f"{terms.id}: {terms.attribution}")
    if terms.naming is not None:
        talk.duties.append(f"{terms.id}: {terms.naming}")
    if terms.share_alike and use.derivative:
        talk.duties.append(f"{terms.id}: derivatives carry the same licence")
    if terms.pass_on_restrictions and passes_on:
        talk.duties.append(f"{terms.id}: pass the use restrictions on to whoever gets a copy")
    if terms.use_restrictions:
        talk.duties.append(f"{terms.id}: keep to its use restrictions")
