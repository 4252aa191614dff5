"""``budmodel deploy-check`` and ``budmodel license check``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import (
    CountType,
    FunctionT,
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
    from budmodel.operations.deploying import Answer, Question
    from budmodel.store.catalog import Snapshot

_AGES = {"m": 60, "h": 3600, "d": 86_400}


def use_options(function: FunctionT) -> FunctionT:
    """What somebody wants to do with a model."""
    for option in (
        click.option("--territory", metavar="CC", help="Where: an ISO 3166-1 code such as DE."),
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
@click.option("--max-age", metavar="24h", help="Refuse a catalog whose newest commit is older: 90m, 24h, 7d.")
@click.option("--fail-on", type=click.Choice(["deny", "warn"]), default="deny", help="What exits with 1.")
@at_option
@now_option
@json_option
@global_options
def deploy_check(
    name: str,
    who: str | None,
    max_age: str | None,
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

    return _run(deploy_answer, name, use, who, at, now, max_age, fail_on)


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

    return _run(license_answer, name, use, None, at, now, None, "deny")


def _run(
    ask: Callable[[Snapshot, Question], Answer],
    name: str,
    use: dict[str, Any],
    who: str | None,
    at: str | None,
    now: datetime | None,
    max_age: str | None,
    fail_on: str,
) -> int:
    from budmodel.domain.license_terms import Use
    from budmodel.operations.deploying import Question
    from budmodel.operations.names import resolve_version

    as_json = use.pop("as_json")
    if use["territory"] is not None:
        use["territory"] = use["territory"].upper()
    with workspace() as here:
        clock = moment(now, at)
        commit = commit_at(here, at) if at is not None else None
        snapshot = here.at_commit(commit) if commit is not None else here.snapshot
        if commit is None and here.repository is not None:
            commit = here.repository.head()
        if max_age is not None:
            _check_age(here, commit, max_age, clock)
        found, version = resolve_version(snapshot, name)
        question = Question(name=found, version=version, use=Use(**use), who=who, now=clock, commit=commit)
        answer = ask(snapshot, question)
    if as_json:
        print_json(answer.data())
    else:
        _tell(answer)
    if answer.decision == "deny" or (answer.decision == "warn" and fail_on == "warn"):
        return 1
    return 0


def _check_age(here: Any, commit: str | None, max_age: str, now: datetime) -> None:
    """Refuses a catalog that has not been brought up to date for longer than somebody wants to rely on.

    Raises:
        UsageError: the age is none, or there is no Git.
        OutsideError: it is too old.
    """
    from budmodel.errors import OutsideError, UsageError
    from budmodel.schema.values import parse_timestamp

    digits, unit = max_age[:-1], max_age[-1:]
    if not digits.isdigit() or unit not in _AGES or len(digits) > 6:
        raise UsageError(f"--max-age {max_age!r} is no age; write 90m, 24h or 7d")
    repository = here.git("--max-age")
    if commit is None:
        raise UsageError("--max-age needs a commit, and this repository has none yet")
    when = parse_timestamp(repository.commit_time(commit))
    if now - when > timedelta(seconds=int(digits) * _AGES[unit]):
        raise OutsideError(
            f"the catalog's newest commit is of {when:%Y-%m-%dT%H:%M:%SZ}, more than {max_age} ago; "
            "fetch it anew (git pull) and ask again"
        )


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
