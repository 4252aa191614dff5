"""site/docs/reference/cli.md is what the commands say of themselves."""

from collections.abc import Iterator
from pathlib import Path

import click

from budmodel.cli.main import COMMANDS, budmodel
from budmodel.cli.reference import render_reference

PAGE = Path(__file__).parents[2] / "site" / "docs" / "reference" / "cli.md"


def test_reference_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_reference(), (
        "write it anew with budmodel.cli.reference.render_reference()"
    )


def test_reference_has_every_command() -> None:
    text = render_reference()
    for name in COMMANDS:
        assert f"\n## budmodel {name}\n" in text


def test_reference_holds_no_mark_of_click() -> None:
    text = render_reference()
    assert "\b" not in text
    assert "\n```text\ncyclonedx         CycloneDX" in text


def test_bars_in_tables_are_neither_cells_nor_escaped_in_code() -> None:
    cells = [line for line in render_reference().splitlines() if line.startswith("| ")]
    assert any("REV&#124;DATE" in line for line in cells)
    assert [line for line in cells if "\\|" in line.split(" | ")[0]] == []


def arguments(command: click.Command, name: str = "budmodel") -> Iterator[tuple[str, click.Argument]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from arguments(found, f"{name} {inner}")
    yield from ((name, one) for one in command.params if isinstance(one, click.Argument))


def test_what_may_be_left_out_stands_in_brackets() -> None:
    for name, one in arguments(budmodel):
        assert one.make_metavar(click.Context(budmodel)).startswith("[") != one.required, name
