"""The progress line: for people at a terminal alone, safe, and gone afterwards."""

from __future__ import annotations

import io

import pytest

from budmodel.operations.import_progress import ProgressLine
from budmodel.operations.import_run import parse_ids


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_written_into_a_pipe() -> None:
    stream = io.StringIO()
    with ProgressLine(stream) as line:
        line("model.safetensors", 1, 2)
    assert stream.getvalue() == ""
    assert not line.shown


def test_a_terminal_sees_how_far_it_is_and_is_left_clean() -> None:
    stream = Terminal()
    with ProgressLine(stream) as line:
        line("model\x1b[2J.safetensors", 5_000_000_000, 10_000_000_000)
        line("too soon to be shown", 1, 2)
    assert (
        stream.getvalue() == "\r\x1b[Kmodel\N{REPLACEMENT CHARACTER}[2J.safetensors   50 % of 10 GB\r\x1b[K"
    )


def test_a_long_name_keeps_its_end() -> None:
    stream = Terminal()
    ProgressLine(stream)(f"{'a' * 200}/model.safetensors", 1, 0)
    shown = stream.getvalue().removeprefix("\r\x1b[K")
    assert shown.endswith("aaa/model.safetensors  1")
    assert len(shown) == 78


def test_a_list_of_ids_is_read_and_bounded() -> None:
    from budmodel.errors import UsageError

    assert parse_ids("# x\n a/b \n\na/c # d\na/b\n") == ["a/b", "a/c"]
    for text in ("", "# nothing\n", "\n".join(map(str, range(10_001)))):
        with pytest.raises(UsageError):
            parse_ids(text)
