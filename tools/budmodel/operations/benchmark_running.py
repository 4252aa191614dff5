"""``budmodel benchmark run``: measures a live endpoint, and plans the record of what it measured.

Whatever can be wrong with the catalog or the options is found before the first request: nobody wants to
measure for an hour and then learn that an accelerator is not in the catalog.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import ValidationError

from budmodel import __version__
from budmodel.domain.quoting import one_line
from budmodel.errors import ConflictError, DataError, OutsideError, UsageError
from budmodel.importers.interface import Parsed, ResultSet, Row
from budmodel.operations.benchmark_importing import (
    StatedRun,
    names_model,
    own_names,
    parse_hardware,
    plan_import,
)
from budmodel.operations.benchmark_reading import ReadFile
from budmodel.operations.judging import judges_of
from budmodel.operations.load_client import LoadClient
from budmodel.operations.load_endpoint import Endpoint, parse_endpoint
from budmodel.operations.load_plan import MAX_CONCURRENCY, Load, LoadOptions, plan_loads
from budmodel.operations.load_prompts import Prompts, read_prompts
from budmodel.operations.load_run import Run, Watch, run_load
from budmodel.operations.load_stats import Measured, remarks, rows, summarise
from budmodel.operations.planning import Plan
from budmodel.schema.benchmark import RunEngine
from budmodel.schema.values import format_timestamp
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView

TOOL = "budmodel"
_MEASURED = ("throughput", "inference_latency", "time_to_first_token", "inter_token_latency")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What to measure, and what the user states of it."""

    endpoint: str = field(repr=False)
    load: LoadOptions
    model: str | None = None
    """The model's name at the endpoint; None asks the endpoint."""
    api_key_env: str | None = field(default=None, repr=False)
    prompts: str = "builtin"
    hardware: str | None = None
    engine: str | None = None
    timeout: float = 120.0
    """Seconds for a whole answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run whose options are right, before the first request."""

    endpoint: Endpoint
    prompts: Prompts
    loads: tuple[Load, ...]
    options: RunOptions
    view: ModelView
    name: str
    version: str


def prepare(
    snapshot: Snapshot, name: str, version: str, options: RunOptions, environment: Mapping[str, str]
) -> Prepared:
    """Checks everything that can be checked without the endpoint.

    Raises:
        UsageError: an option is wrong.
        NotFoundError: no accelerator of the stated name.
        DataError: the catalog defines no benchmark of speed.
    """
    judges = judges_of(snapshot)
    if not any(one in judges.benchmarks for one in _MEASURED):
        raise DataError(
            f"catalog/benchmarks.yaml defines none of {', '.join(_MEASURED)}; define them before measuring"
        )
    if options.hardware is not None:
        parse_hardware(options.hardware, judges)
    if options.engine is not None:
        engine, colon, number = options.engine.partition(":")
        try:
            RunEngine.model_validate({"name": engine, **({"version": number} if colon else {})})
        except ValidationError:
            raise UsageError("--engine is NAME[:VERSION] in lower case, such as vllm:0.11.0") from None
    return Prepared(
        endpoint=parse_endpoint(options.endpoint, options.api_key_env, environment),
        prompts=read_prompts(options.prompts),
        loads=plan_loads(options.load),
        options=options,
        view=snapshot.model(name),
        name=name,
        version=version,
    )


def measure(prepared: Prepared, watch: Watch) -> tuple[Measured, ...]:
    """Measures every load, one after the other.

    Raises:
        OutsideError: the endpoint refuses, or no request of a load was answered.
        ConflictError: it serves another model.
    """
    return tuple(summarise(run) for run in asyncio.run(_measure(prepared, watch)))


async def _measure(prepared: Prepared, watch: Watch) -> list[Run]:
    options, texts = prepared.options, prepared.prompts.texts
    runs: list[Run] = []
    async with LoadClient(
        prepared.endpoint,
        max_tokens=options.load.max_tokens,
        timeout=options.timeout,
        connections=MAX_CONCURRENCY,
    ) as client:
        client.model = options.model or _own(prepared, await client.served())
        await client.settle(texts[-1])
        for load in prepared.loads:
            run = await run_load(client, load, texts, watch)
            if all(answer.failure for answer in run.answers):
                why = f" ({run.answers[0].failure})" if run.answers else ""
                raise OutsideError(
                    f"{prepared.endpoint.host}: none of {len(run.answers)} requests was answered{why}; "
                    "nothing was recorded, look at the server and try again"
                )
            runs.append(run)
    return runs


def _own(prepared: Prepared, served: Sequence[str]) -> str:
    """The one served model that is the catalog's."""
    own = own_names(prepared.view)
    matching = [one for one in served if names_model(one, own)]
    if len(matching) == 1:
        return matching[0]
    names = ", ".join(one_line(one, 80) for one in served[:3])
    more = f" and {len(served) - 3} more" if len(served) > 3 else ""
    if not served:
        what = "serves no model"
    elif matching:
        what = f"serves {names}{more}, and several are {prepared.name}"
    else:
        what = f"serves {names}{more}, and not {prepared.name} by that name"
    raise ConflictError(f"{prepared.endpoint.host} {what}; name the one that is meant with --model")


def plan_run(snapshot: Snapshot, prepared: Prepared, measured: Sequence[Measured], now: datetime) -> Plan:
    """What recording the numbers would write."""
    options, load = prepared.options, prepared.options.load
    settings: dict[str, str | bool | int | float] = {
        "dataset": prepared.prompts.dataset,
        "output_tokens": load.max_tokens,
        "api": "chat-completions" if prepared.endpoint.chat else "completions",
    }
    found: list[Row] = [row for one in measured for row in rows(one, settings)]
    parsed = Parsed(
        tool=TOOL,
        tool_version=__version__,
        sets=(ResultSet(models=(prepared.name,), rows=tuple(found)),),
    )
    stated = StatedRun(
        hardware=options.hardware,
        engine=options.engine,
        source=f"budmodel benchmark run against {prepared.endpoint.host}",
        origin="measured",
        date=format_timestamp(now),
    )
    file = ReadFile(name="the run", sha256="", importer=TOOL, parsed=parsed)
    plan = plan_import(snapshot, prepared.name, prepared.version, [file], stated, now).plan
    notes = [remark for one in measured for remark in remarks(one)]
    if prepared.endpoint.key_in_the_clear:
        notes.append("the key went over http to another machine, where others can read it; use https")
    return replace(plan, notes=(*notes, *plan.notes))
