"""``budmodel deploy-check`` and ``budmodel license check``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    FunctionT,
    TerritoryType,
    at_option,
    commit_at,
    global_options,
    json_option,
    moment,
    name_argument,
    now_option,
    print_json,
    workspace,
)

if TYPE_CHECKING:
    from budmodel.operations.deploy_asking import Facts
    from budmodel.operations.deploying import Answer, Question
    from budmodel.store.catalog import Snapshot

_AGES = {"m": 60, "h": 3600, "d": 86_400}


class AgeType(click.ParamType[timedelta]):
    """A span of time: 90m, 24h, 7d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The span."""
        if isinstance(value, timedelta):
            return value
        digits, unit = str(value)[:-1], str(value)[-1:]
        if not (digits.isascii() and digits.isdigit()) or unit not in _AGES or len(digits) > 6:
            self.fail(f"{value!r} is no age; write 90m, 24h or 7d", param, ctx)
        return timedelta(seconds=int(digits) * _AGES[unit])


def use_options(function: FunctionT) -> FunctionT:
    """What somebody wants to do with a model."""
    for option in (
        click.option(
            "--territory",
            type=TerritoryType(),
            metavar="CC",
            help="Where: an ISO 3166-1 code such as DE, or EU.",
        ),
        click.option("--api-only", is_flag=True, help="It is reached through an API; no weights are held."),
        click.option("--redistribute", is_flag=True, help="Copies of the weights are passed on."),
        click.option("--derivative", is_flag=True, help="Something is made of it: a fine-tune, a merge …"),
        click.option("--mau", type=CountType(), metavar="N", help="Monthly active users: 50000, 1.2M."),
        click.option(
            "--use",
            "kind",
            required=True,
            type=click.Choice(["commercial", "internal", "research"]),
            help="What for.",
        ),
    ):
        function = option(function)
    return function


@click.command("deploy-check")
@name_argument(metavar="NAME[@V]")
@use_options
@click.option("--as", "who", metavar="WHO", help="On whose behalf, where the licence must be acknowledged.")
@click.option(
    "--catalog", metavar="URL|DIR", help="Ask a published site: https://HOST/PATH/api, or the built folder."
)
@click.option(
    "--max-age",
    type=AgeType(),
    metavar="24h",
    help="Decide nothing where the newest commit is older: 90m, 24h, 7d (7d for --catalog if not stated).",
)
@click.option("--fail-on", type=click.Choice(["deny", "warn"]), default="deny", help="What exits with 1.")
@at_option
@now_option
@json_option
@global_options
def deploy_check(
    name: str,
    who: str | None,
    catalog: str | None,
    max_age: timedelta | None,
    fail_on: str,
    at: str | None,
    now: datetime | None,
    **use: Any,
) -> int:
    """Say whether a version may be deployed for a use: allow, warn or deny, with every reason and its source.

    It weighs the licences (also of what the model was made of), the scan, the lifecycle, the policy and
    acknowledgments. Policy never loosens it; a waived version is at most warned about. Exit code 0: allow or
    warn, 1: deny (with --fail-on warn also warn), 4: the catalog is too old (--max-age).

    JSON: {"decision", "reasons": [{"code", "level", "message", "clause"}], "duties": [TEXT], "subject":
    {"name", "version", "manifest_sha256", "uri"}, "generated_from", "evaluated_at", "valid_until", "scope"}.
    """
    from budmodel.operations.deploying import deploy_answer

    return _run(deploy_answer, name, use, at, now, who=who, catalog=catalog, max_age=max_age, fail_on=fail_on)


@click.command("check")
@name_argument(metavar="NAME[@V]")
@use_options
@at_option
@now_option
@json_option
@global_options
def license_check(name: str, at: str | None, now: datetime | None, **use: Any) -> int:
    """Say what the licences alone say to a use; that is not yet permission to deploy (see deploy-check).

    JSON and exit codes: as for deploy-check, with "scope": "licence only".
    """
    from budmodel.operations.deploying import license_answer

    return _run(license_answer, name, use, at, now)


def _run(
    ask: Callable[[Snapshot, Question], Answer],
    name: str,
    use: dict[str, Any],
    at: str | None,
    now: datetime | None,
    *,
    who: str | None = None,
    catalog: str | None = None,
    max_age: timedelta | None = None,
    fail_on: str = "deny",
) -> int:
    from budmodel.domain.uses import Use
    from budmodel.operations.deploying import Question

    as_json = use.pop("as_json")
    facts, clock, young_until = _facts(name, at, now, catalog, max_age)
    question = Question(
        name=facts.name,
        version=facts.version,
        use=Use(**use),
        who=who,
        now=clock,
        commit=facts.commit,
        young_until=young_until,
    )
    answer = ask(facts.snapshot, question)
    if as_json:
        print_json(answer.data())
    else:
        _tell(answer)
    return 1 if answer.decision == "deny" or answer.decision == fail_on else 0


def _facts(
    name: str, at: str | None, now: datetime | None, catalog: str | None, max_age: timedelta | None
) -> tuple[Facts, datetime, datetime | None]:
    """What the answer rests on, the moment of the question, and until when the catalog is young enough."""
    from budmodel.errors import UsageError
    from budmodel.operations.deploy_asking import PUBLISHED_MAX_AGE, check_age, facts_here, facts_published

    clock = moment(now, at)
    if catalog is not None:
        if at is not None:
            raise UsageError(
                "--at needs a clone, since a site holds its newest commit only; leave out --catalog"
            )
        facts = facts_published(catalog, name)
        most, refresh = (
            PUBLISHED_MAX_AGE if max_age is None else max_age,
            "publish the site anew, or name a mirror that is current",
        )
        return facts, clock, check_age(facts, most, clock, refresh=refresh)
    with workspace() as here:
        if max_age is not None:
            here.git("--max-age")
        facts = facts_here(here, name, commit_at(here, at) if at is not None else None)
    if max_age is None:
        return facts, clock, None
    return facts, clock, check_age(facts, max_age, clock, refresh="fetch it anew (git pull) and ask again")


def _tell(answer: Answer) -> None:
    from budmodel.cli.text import one_line

    subject = answer.subject
    only = " (licence only, not permission to deploy)" if answer.scope == "licence only" else ""
    click.echo(f"{answer.decision}: {subject['name']}@{subject['version']}{only}")
    for reason in answer.reasons:
        where = f" [{reason.clause}]" if reason.clause else ""
        click.echo(one_line(f"  {reason.level}: {reason.message}{where}"))
    if answer.duties:
        click.echo("duties:")
        for duty in answer.duties:
            click.echo(one_line(f"  {duty}"))
    click.echo(f"valid until {answer.valid_until}")
