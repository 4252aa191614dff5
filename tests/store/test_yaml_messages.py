"""What the reader says of the slips that libyaml notices late: where they are, in words of ours."""

from __future__ import annotations

import pytest

from budmodel.store.yaml_reader import YamlError, load


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "fix"),
    [
        ("a: 1\nm:\n\tb: c\n", 3, 1, "a tab where spaces belong", "indent with spaces"),
        ("a: 1\n\tb: 2\n", 2, 1, "a tab where spaces belong", "indent with spaces"),
        ("a: b\n  \tc: d\n", 2, 3, "a tab where spaces belong", "indent with spaces"),
        ('a: 1\nc: "abc\nd: e\n', 2, 4, "this quote is never closed", 'close it with "'),
        ("a: 'abc\nb: 2\n", 1, 4, "this quote is never closed", "close it with '"),
        ("\ufeffa: 'abc", 1, 4, "this quote is never closed", "close it with '"),
        ("a: 1\nt: [a, b\n", 2, 4, "this bracket is never closed", "close it with ]"),
        ("t: [a, b\nc: d\n", 1, 4, "this bracket is never closed", "close it with ]"),
        ("t: {a: b\n\nc: d\n", 1, 4, "this bracket is never closed", "close it with }"),
        ("t: {a: s3://b\n", 1, 4, "this bracket is never closed", "close it with }"),
        ("a: 1\ntags\n", 2, 1, "a key without a colon", "write key: value"),
    ],
)
def test_the_place_and_the_words(text: str, line: int, column: int, message: str, fix: str) -> None:
    with pytest.raises(YamlError) as caught:
        load(text.encode())
    error = caught.value
    assert (error.line, error.column, error.message, error.fix) == (line, column, message, fix)


@pytest.mark.parametrize("text", ["t: ['a' 'b']\n", "t: ['a'\n  'b']\n"])
def test_a_missing_comma_is_no_open_bracket(text: str) -> None:
    with pytest.raises(YamlError, match="did not find expected ',' or '\\]'"):
        load(text.encode())


@pytest.mark.parametrize("text", ["a: [", "a: [\n\n\n", "a: 'b\n\n", "- [[[\n", "a: {b\n", "a:\n  - {\n\n"])
def test_every_error_is_within_the_file(text: str) -> None:
    with pytest.raises(YamlError) as caught:
        load(text.encode())
    assert text.splitlines()[caught.value.line - 1].strip()


@pytest.mark.parametrize("text", ["t: [\n\ta]\n", 'a: "x\n\ty"\n', "a:\tb\n"])
def test_tabs_that_yaml_allows_stay_allowed(text: str) -> None:
    load(text.encode())
