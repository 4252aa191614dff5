"""``budmodel add``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from budmodel.cli.common import CountType, global_options, moment, now_option, workspace
from budmodel.cli.writing import Writing, finish, from_option, read_input, write_options


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@from_option
@click.option("--architecture", metavar="A", help="The architecture family, such as llama.")
@click.option(
    "--parameter-count", type=CountType(), metavar="N", help="All parameters: 8B, 70b, 1.5B, 8030261248."
)
@click.option("--license", "license_type", metavar="L", help="Licence id, alias or SPDX expression.")
@click.option("--description", metavar="TEXT", help="What the model is for.")
@click.option(
    "--context-length", type=CountType(), metavar="N", help="Longest input in tokens: 128K, 131072."
)
@click.option("--tag", "tags", multiple=True, metavar="T", help="A tag; may be repeated.")
@click.option(
    "--source", type=click.Choice(["huggingface", "custom", "api"]), help="Where the model comes from."
)
@click.option("--model-id", metavar="ORG/NAME", help="The model's id on the Hugging Face Hub.")
@click.option("--storage-path", metavar="URI", help="Where the bytes are; makes the first version as well.")
@click.option("--version", metavar="V", help="The first version; 1.0.0 where --storage-path is given.")
@click.option("--owner", "owners", multiple=True, metavar="WHO", help="A team or person; may be repeated.")
@now_option
@write_options
@global_options
def add(name: str | None, source_file: str | None, now: datetime | None, **options: Any) -> int:
    """Register a model: NAME with options, or a JSON or YAML file with --from; options override the file.

    With a storage path the model's first version is written too. A model without one (only described, or
    reached through an API) gets no version until budmodel version add.
    """
    from budmodel.operations.registering import AddRequest, plan_add

    writing = Writing.of(options)
    version = options.pop("version")
    body = {**(read_input(source_file) if source_file is not None else {}), **_stated(name, options)}
    with workspace() as here:
        plan = plan_add(here.snapshot, AddRequest(body=body, now=moment(now), version=version))
        return finish(here, plan, writing)


def _stated(name: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """The body that the options make: only what was stated."""
    source, model_id = options.pop("source"), options.pop("model_id")
    if model_id is not None:
        options["source"] = {"type": source or "huggingface", "model_id": model_id}
    elif source is not None:
        options["source"] = {"type": source}
    options["tags"], options["owners"] = list(options["tags"]), list(options["owners"])
    return {key: value for key, value in {"name": name, **options}.items() if value not in (None, [])}
