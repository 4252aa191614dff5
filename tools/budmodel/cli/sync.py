"""``budmodel sync``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from budmodel.cli.common import complete_names, global_options, moment, note, now_option, workspace
from budmodel.cli.writing import Writing, write_options


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_names)
@click.option("--set-default", is_flag=True, help="Make each new version the default one.")
@now_option
@write_options
@global_options
def sync(names: tuple[str, ...], **options: Any) -> int:
    """Import what moved on the Hugging Face Hub: a new version for each model that budmodel outdated lists.

    JSON: as for budmodel import huggingface with several ids.
    """
    from budmodel.cli.import_models import import_all
    from budmodel.operations import upstream
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.import_run import ImportRequest, open_source
    from budmodel.operations.importing import ImportOptions
    from budmodel.sources.huggingface import head
    from budmodel.sources.interface import Source, Stated

    writing = Writing.of(options)
    with ProgressLine(sys.stderr) as progress, workspace() as here:
        found = upstream.find_moved(upstream.newest_from_hub(here.snapshot, names), head)
        for failure in upstream.failures(found):
            note(failure)
        how = ImportOptions(
            now=moment(options["now"]),
            set_default=options["set_default"],
            progress=progress if progress.shown else None,
        )
        requests = []
        for item in (item for item in found if item.state == "moved"):
            # The commit that was seen to differ, so that the record is of exactly that one.
            opener: Callable[[], Source] = partial(
                open_source, "huggingface", item.model_id, revision=item.upstream
            )
            stated = Stated(name=item.name)
            requests.append(ImportRequest(subject=item.model_id, open=opener, stated=stated, options=how))
        code = import_all(here, requests, writing, progress, as_list=True)
    unknown = any(item.state == "unknown" for item in found)
    return max(code, 4 if unknown else 0)
