"""``budmodel benchmark run``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from budmodel.cli.common import global_options, moment, name_argument, now_option, workspace
from budmodel.cli.writing import Writing, finish, write_options

if TYPE_CHECKING:
    from budmodel.operations.load_stats import Measured

_HEADER = ("load", "answered", "failed", "tokens/s", "first token ms", "between tokens ms", "latency ms")


class _Levels(click.ParamType[tuple[int, ...]]):
    """Levels of concurrency: 1,4,16."""

    name = "levels"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The levels as numbers."""
        from budmodel.operations.load_plan import MAX_CONCURRENCY

        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",")]
        if not all(
            part.isascii() and part.isdigit() and 0 < int(part[:9]) <= MAX_CONCURRENCY for part in parts
        ):
            self.fail(f"write numbers from 1 to {MAX_CONCURRENCY}, such as 1,4,16", param, ctx)
        return tuple(map(int, parts))


class _Amount(click.FloatRange):
    """A positive number; what is no number (nan) is none."""

    def __init__(self, most: float) -> None:
        super().__init__(min=0, max=most, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        found: float = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value!r} is no number", param, ctx)
        return found


@click.command("run")
@name_argument(metavar="NAME[@V]")
@click.option(
    "--endpoint",
    required=True,
    metavar="URL",
    help="Such as http://127.0.0.1:8000/v1; ending with /completions for prompts instead of chats.",
)
@click.option("--model", metavar="M", help="The model's name there; the endpoint is asked where not stated.")
@click.option("--api-key-env", metavar="VAR", help="The environment variable that holds the API key.")
@click.option(
    "--concurrency",
    type=_Levels(),
    default=(),
    metavar="N,...",
    help="Requests at once, one set of results for each level: 1,4,16. One where not stated.",
)
@click.option(
    "--rate",
    type=_Amount(10_000),
    metavar="R",
    help="Instead: so many requests a second, whatever the server does.",
)
@click.option(
    "--arrivals",
    type=click.Choice(["poisson", "constant"]),
    default="poisson",
    show_default=True,
    help="How those of --rate arrive.",
)
@click.option(
    "--requests",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests for each level; 120 where not stated: a 99th percentile needs 100 answers.",
)
@click.option(
    "--duration",
    type=_Amount(86_400),
    metavar="S",
    help="Instead: seconds for each level.",
)
@click.option(
    "--warmup",
    type=click.IntRange(min=0, max=10_000),
    metavar="N",
    help="Requests before each level that are not measured; as many as run at once where not stated.",
)
@click.option(
    "--prompts",
    default="builtin",
    show_default=True,
    metavar="builtin|FILE",
    help="Prompts, one on a line, or a .jsonl of strings or objects with prompt.",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1, max=32_768),
    default=128,
    show_default=True,
    metavar="N",
    help="The longest answer.",
)
@click.option(
    "--timeout",
    type=_Amount(3600),
    default=120.0,
    show_default=True,
    metavar="S",
    help="Seconds after which a request has failed.",
)
@click.option(
    "--engine", metavar="NAME[:VERSION]", help="What serves it: vllm:0.11.0. Speed is not ranked without."
)
@click.option(
    "--hardware",
    metavar="ID[:N]",
    help="On what: an accelerator of catalog/hardware.yaml, how many. Speed is not ranked without.",
)
@now_option
@write_options
@global_options
def run_command(
    name: str,
    endpoint: str,
    model: str | None,
    api_key_env: str | None,
    prompts: str,
    hardware: str | None,
    engine: str | None,
    timeout: float,
    now: Any,
    **options: Any,
) -> int:
    """Measure the speed of a live OpenAI-compatible endpoint, and record it.

    Latency, time to first token, inter-token latency and time per output token (P50, and P99 from 100
    samples on), and throughput, from streamed answers. Failed requests are counted, shown and recorded; where
    all fail, nothing is recorded (exit 4). With --rate, latency counts from the moment at which a request was
    due. One request that is not measured comes first, then the warm-up.

    --dry-run measures as well, and sends the same requests; it shows the record and writes nothing. Ctrl-C
    stops and writes nothing.
    """
    from budmodel.operations.benchmark_running import RunOptions, measure, plan_run, prepare
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.load_plan import LoadOptions
    from budmodel.operations.names import resolve_version

    load = LoadOptions(**{key: options.pop(key) for key in LoadOptions.__dataclass_fields__})
    writing = Writing.of(options)
    with workspace() as here:
        if writing.commit and not writing.dry_run:
            here.git("--commit")
        found, version = resolve_version(here.snapshot, name)
        stated = RunOptions(
            endpoint=endpoint,
            model=model,
            api_key_env=api_key_env,
            prompts=prompts,
            hardware=hardware,
            engine=engine,
            timeout=timeout,
            load=load,
        )
        prepared = prepare(here.snapshot, found, version, stated, os.environ)
        with ProgressLine(sys.stderr) as line:

            def watch(label: str, answers: int, failed: int, share: float) -> None:
                line(f"{label}: {answers} answers, {failed} failed", int(share * 100), 100)

            measured = measure(prepared, watch)
        plan = plan_run(here.snapshot, prepared, measured, moment(now))
        if not writing.as_json:
            for text in _table(measured):
                click.echo(text)
        return finish(here, plan, writing)


def _table(measured: Sequence[Measured]) -> Iterator[str]:
    """The numbers for people: P50 and P99 where there is one."""
    from budmodel.cli.text import table

    def both(one: Measured, benchmark: str) -> str:
        found = one.spreads.get(benchmark)
        if found is None:
            return "-"
        return f"{found.p50:.1f} / {'-' if found.p99 is None else f'{found.p99:.1f}'}"

    yield from table(
        _HEADER,
        [
            (
                one.run.load.label,
                str(one.answered),
                str(one.failed),
                "-" if one.tokens_per_second is None else f"{one.tokens_per_second:.1f}",
                both(one, "time_to_first_token"),
                both(one, "inter_token_latency"),
                both(one, "inference_latency"),
            )
            for one in measured
        ],
        right=range(1, len(_HEADER)),
    )
    yield "times are P50 / P99"
