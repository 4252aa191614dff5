"""``budmodel set``."""

from __future__ import annotations

from typing import Any

import click

from budmodel.cli.common import global_options, name_argument, workspace
from budmodel.cli.writing import Writing, finish, from_option, read_input, write_options


@click.command("set")
@name_argument()
@click.argument("assignments", nargs=-1, metavar="[FIELD=VALUE]...")
@from_option
@write_options
@global_options
def set_fields(name: str, assignments: tuple[str, ...], source_file: str | None, **options: Any) -> int:
    """Change fields of a model; comments and all other bytes of the file stay.

    Fields are dotted (license_restrictions.commercial_use=false), values are YAML (tags=[a, b]), counts may
    be written 8B. FIELD= and FIELD=null delete; tags+=x adds to a list, tags-=x takes out of it.

    --from merges a JSON or YAML document: mappings key by key, null deletes (RFC 7396).
    """
    from budmodel.errors import UsageError
    from budmodel.operations.names import resolve_model
    from budmodel.operations.setting import parse_assignments, plan_merge, plan_set

    if bool(assignments) == (source_file is not None):
        raise UsageError(f"say what to change: budmodel set {name} field=value, or --from FILE")
    with workspace() as here:
        found = resolve_model(here.snapshot, name)
        if source_file is not None:
            plan = plan_merge(here.snapshot, found, read_input(source_file))
        else:
            plan = plan_set(here.snapshot, found, parse_assignments(assignments))
        return finish(here, plan, Writing.of(options))
