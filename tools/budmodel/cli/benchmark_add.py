"""``budmodel benchmark add``."""

from __future__ import annotations

from typing import Any

import click

from budmodel.cli.benchmark_import import run_options
from budmodel.cli.common import global_options, moment, name_argument, now_option, workspace
from budmodel.cli.writing import Writing, finish, write_options


@click.command("add")
@name_argument(metavar="NAME[@V]")
@click.option("--benchmark", required=True, metavar="B", help="An id of catalog/benchmarks.yaml.")
@click.option("--metric", metavar="M", help="Which of its metrics; its default where not stated.")
@click.option(
    "--value", required=True, type=float, help="In the metric's unit: shares as fractions from 0 to 1."
)
@click.option("--stderr", type=click.FloatRange(min=0), help="The standard error, in the same unit.")
@click.option("--source", required=True, metavar="URL", help="The page that states the number.")
@click.option("--setting", "settings", multiple=True, metavar="KEY=VALUE", help="Such as num_fewshot=5.")
@run_options
@click.option("--tool", default="published", metavar="SLUG", help="What made it; a part of the file's name.")
@click.option("--note", "remark", metavar="TEXT", help="What a reader should know.")
@now_option
@write_options
@global_options
def add_command(
    name: str,
    benchmark: str,
    metric: str | None,
    value: float,
    stderr: float | None,
    source: str,
    settings: tuple[str, ...],
    hardware: str | None,
    engine: str | None,
    origin: Any,
    date: str | None,
    tool: str,
    remark: str | None,
    now: Any,
    **options: Any,
) -> int:
    """Record a published number, with the page where it was read."""
    from budmodel.operations.benchmark_adding import Published, parse_setting, plan_add
    from budmodel.operations.names import resolve_version

    with workspace() as here:
        found, version = resolve_version(here.snapshot, name)
        published = Published(
            benchmark=benchmark,
            metric=metric,
            value=value,
            stderr=stderr,
            source=source,
            settings=dict(parse_setting(text) for text in settings),
            hardware=hardware,
            engine=engine,
            origin=origin or "maker",
            date=date,
            note=remark,
        )
        plan = plan_add(here.snapshot, found, version, published, tool, moment(now))
        return finish(here, plan, Writing.of(options))
