"""Reading YAML 1.2 (core schema) from hostile hands, with line and column for everything.

One pass over the event stream of libyaml: its composer crashes on deep nesting and hangs on merge keys,
its event stream does neither. Refused, with a position: duplicate keys, anchors, aliases, merge keys,
tags, directives, several documents, over 32 levels, too large, not UTF-8, control and
bidirectional-override characters (also when written as escapes).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ruamel.yaml import YAML, events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # a C class without stubs
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from budmodel.findings import FieldPath
from budmodel.schema.problems import show

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
FLOW_COLON_MAX_BYTES = 1 << 18
"""Largest file that is read by the slow parser."""
_COLON_IN_FLOW = "found unexpected ':'"
MAX_DIGITS = 40
"""Longer runs of digits stay text: nothing that is counted here has more."""

Position = tuple[int, int]
Positions = dict[FieldPath, Position]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
# YAML 1.2.2 §10.3.2, the core schema: https://yaml.org/spec/1.2.2/#1032-tag-resolution
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_SPECIAL_START = _NUMERIC_START | {constant[0] for constant in _CONSTANTS if constant}
"""First characters of plain scalars that are not simply text."""
_FORBIDDEN_RANGES = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1
    "\u2028\u2029"  # line separators that editors and parsers count differently
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embedding, override, isolate: Trojan Source
    "\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff"
)
# A carriage return alone ends a line for YAML and for few others: it would hide text behind a comment.
_FORBIDDEN = re.compile(f"[{_FORBIDDEN_RANGES}\ufeff]|\r(?!\n)")
_FORBIDDEN_ASCII = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")


class YamlError(Exception):
    """A document that must not be read, and where it says so (1-based line and column)."""

    def __init__(self, message: str, line: int = 1, column: int = 1, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.fix = fix


class Document(NamedTuple):
    """What a file says, and where it says it: the position of each key and each list item."""

    data: Any
    positions: Positions


def load(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """The data of a YAML document: dicts, lists, strings, ints, floats, booleans, None.

    Raises:
        YamlError: the document breaks one of the rules of this module.
    """
    return _read(raw, max_bytes, None)


def load_with_positions(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Document:
    """As :func:`load`, with the position of every key and list item; a tenth slower.

    Raises:
        YamlError: the document breaks one of the rules of this module.
    """
    positions: Positions = {}
    return Document(_read(raw, max_bytes, positions), positions)


def _read(raw: bytes, max_bytes: int, positions: Positions | None) -> Any:
    if len(raw) > max_bytes:
        raise YamlError(
            f"the file has {len(raw)} bytes; at most {max_bytes} are read", fix="split or shorten it"
        )
    _check_characters(raw)
    try:
        return _build(CParser(raw).get_event, positions)
    except MarkedYAMLError as error:
        if error.problem == _COLON_IN_FLOW and len(raw) <= FLOW_COLON_MAX_BYTES:
            if positions is not None:
                positions.clear()
            return _read_in_python(raw, positions)
        raise _explained(raw, error) or YamlError(
            f"not valid YAML: {(error.problem or 'not YAML').removesuffix('.')}",
            *_inside(raw, error.problem_mark or error.context_mark),
            "check the indentation, colons and quotes on this line and the one before",
        ) from None
    except ReaderError as error:
        line, column = _place(raw, getattr(error, "position", 0) or 0)
        raise YamlError("a character that YAML does not allow", line, column, "remove it") from None
    except (YAMLError, UnicodeError, ValueError) as error:
        raise YamlError(f"not valid YAML: {str(error).splitlines()[0][:200]}") from None


def _read_in_python(raw: bytes, positions: Positions | None) -> Any:
    """Reads ``{uri: s3://bucket}``, which YAML 1.2 allows and libyaml (YAML 1.1) refuses; 25 times slower."""
    try:
        return _build(iter(YAML(typ="safe", pure=True).parse(raw)).__next__, positions)
    except MarkedYAMLError as error:
        raise _explained(raw, error) or YamlError(
            f"not valid YAML: {error.problem or 'not YAML'}",
            *_inside(raw, error.problem_mark or error.context_mark),
            "put values that hold a colon in quotes",
        ) from None
    except (YAMLError, UnicodeError, ValueError, OverflowError, IndexError, AttributeError):
        # The Python scanner lets some errors of Python pass, as for an escape beyond U+10FFFF.
        raise YamlError(
            "not valid YAML: a value that cannot be read", fix="put values that hold a colon in quotes"
        ) from None


def _check_characters(raw: bytes) -> None:
    if raw.isascii():
        bad_byte = _FORBIDDEN_ASCII.search(raw)
        if bad_byte is not None:
            line, column = _place(raw, bad_byte.start())
            raise YamlError(f"control character U+{raw[bad_byte.start()]:04X}", line, column, "remove it")
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(raw, error.start)
        raise YamlError("the file is not UTF-8", line, column, "save it as UTF-8") from None
    bad = _FORBIDDEN.search(text, 1 if text.startswith("\ufeff") else 0)
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        raise YamlError(_name_character(bad[0]), line, column, "remove it")


def _name_character(character: str) -> str:
    code = ord(character)
    bidi = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return f"{'bidirectional-override' if bidi else 'control'} character U+{code:04X}"


def _place(raw: bytes, offset: int) -> Position:
    start = raw.rfind(b"\n", 0, offset) + 1
    return raw.count(b"\n", 0, offset) + 1, len(raw[start:offset].decode("utf-8", "replace")) + 1


def _inside(raw: bytes, mark: Any) -> Position:
    """A mark as line and column; the end of a file is where its last words end."""
    if mark is None:
        return 1, 1
    return min((mark.line + 1, mark.column + 1), _place(raw, len(raw.rstrip())))


def _explained(raw: bytes, error: MarkedYAMLError) -> YamlError | None:
    """The slips that libyaml notices late or in words of its own: where they are, and what they are."""
    problem, context = error.problem or "", error.context or ""
    begin, end = error.context_mark, error.problem_mark
    if end is not None:
        line = _line(raw, end.line)
        margin = line[: len(line) - len(line.lstrip())]
        if "\t" in margin and (end.column <= len(margin) or problem.startswith("mapping values")):
            column = margin.index("\t") + 1
            return YamlError("a tab where spaces belong", end.line + 1, column, "indent with spaces")
    if begin is None:
        return None
    place = _inside(raw, begin)
    if "quoted scalar" in context and problem.startswith("found unexpected"):
        quote = _line(raw, begin.line)[begin.column : begin.column + 1]
        return YamlError("this quote is never closed", *place, f"close it with {quote}")
    if " flow " in context and end is not None and _left_open(raw, begin, end):
        return YamlError(
            "this bracket is never closed", *place, f"close it with {']' if 'sequence' in context else '}'}"
        )
    if context == "while scanning a simple key" and problem.startswith("could not find"):
        return YamlError("a key without a colon", *place, "write key: value")
    return None


def _left_open(raw: bytes, begin: Any, end: Any) -> bool:
    """Whether the file ended, or the next key of the mapping around came, before a bracket was closed."""
    if end.line == begin.line:
        return False
    margins = [len(line) - len(line.lstrip()) for line in (_line(raw, begin.line), _line(raw, end.line))]
    return not _line(raw, end.line).strip() or margins[1] <= margins[0]


def _line(raw: bytes, number: int) -> str:
    """A line by its number from 0; empty beyond the end."""
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n", number + 1)
    return lines[number].decode("utf-8", "replace") if number < len(lines) else ""


def _fail(message: str, mark: Any, fix: str) -> YamlError:
    return YamlError(message, mark.line + 1, mark.column + 1, fix)


def _plain(text: str) -> Any:
    """A plain scalar by the core schema, except that a leading zero keeps it text: an id, not a count."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _NUMERIC_START:
        if _INT.match(text):
            digits = text.lstrip("+-")
            if len(digits) > MAX_DIGITS or (digits[0] == "0" and len(digits) > 1):
                return text
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if len(text) <= MAX_DIGITS:
            if _OCTAL.match(text):
                return int(text[2:], 8)
            if _HEXADECIMAL.match(text):
                return int(text[2:], 16)
    return text


def _refuse_node(event: Any) -> YamlError:
    if event.anchor is not None:
        return _fail("anchors are not allowed", event.start_mark, "write the value out where it is needed")
    return _fail(f"the tag {event.tag} is not allowed", event.start_mark, "remove the tag")


def _build(get_event: Callable[[], Any], positions: Positions | None) -> Any:
    """Events to data. One loop without helper calls per event: a check of 40,000 files lives here."""
    scalar_event, mapping_start, mapping_end = (
        events.ScalarEvent,
        events.MappingStartEvent,
        events.MappingEndEvent,
    )
    sequence_start, sequence_end = events.SequenceStartEvent, events.SequenceEndEvent
    alias, document_start, stream_end = events.AliasEvent, events.DocumentStartEvent, events.StreamEndEvent
    stack: list[tuple[Any, Any, FieldPath]] = []
    current: Any = None
    key: Any = None
    have_key = in_mapping = False
    special = _SPECIAL_START
    documents = 0
    root: Any = None
    here: FieldPath = ()
    while True:
        event = get_event()
        kind = type(event)
        if kind is scalar_event:
            if event.anchor is not None or event.tag is not None:
                raise _refuse_node(event)
            text = event.value
            if event.style == '"' and not text.isprintable():
                bad = _FORBIDDEN.search(text)
                if bad is not None:
                    raise _fail(_name_character(bad[0]), event.start_mark, "remove the escape")
            if in_mapping and not have_key:
                if text == "<<" and event.implicit[0]:
                    raise _fail("merge keys are not allowed", event.start_mark, "write the keys out")
                if text in current:
                    raise _fail(
                        f"the key {show(text)} stands here a second time", event.start_mark, "keep one"
                    )
                key = text
                have_key = True
                if positions is not None:
                    mark = event.start_mark
                    positions[(*here, text)] = (mark.line + 1, mark.column + 1)
                continue
            value = text
            if event.implicit[0] and (not text or text[0] in special):
                value = _plain(text)
            if in_mapping:
                current[key] = value
                have_key = False
            elif current is None:
                root = value
            else:
                if positions is not None:
                    mark = event.start_mark
                    positions[(*here, len(current))] = (mark.line + 1, mark.column + 1)
                current.append(value)
        elif kind is mapping_start or kind is sequence_start:
            if event.anchor is not None or event.tag is not None:
                raise _refuse_node(event)
            if len(stack) >= MAX_DEPTH:
                raise _fail(f"nested deeper than {MAX_DEPTH} levels", event.start_mark, "flatten it")
            new: Any = {} if kind is mapping_start else []
            stack.append((current, key, here))
            if current is None:
                root = new
            elif in_mapping:
                if not have_key:
                    raise _fail(
                        "a key must be a plain word", event.start_mark, "quote it or write key: value"
                    )
                # A key stands in its mapping from here on, so that a second one is seen as a duplicate.
                current[key] = new
                have_key = False
                if positions is not None:
                    here = (*here, key)
            else:
                if positions is not None:
                    mark = event.start_mark
                    here = (*here, len(current))
                    positions[here] = (mark.line + 1, mark.column + 1)
                current.append(new)
            current = new
            in_mapping = kind is mapping_start
        elif kind is mapping_end or kind is sequence_end:
            current, key, here = stack.pop()
            in_mapping = type(current) is dict
        elif kind is alias:
            raise _fail("aliases are not allowed", event.start_mark, "write the value out where it is needed")
        elif kind is document_start:
            documents += 1
            if documents > 1:
                raise _fail("a second document begins here", event.start_mark, "keep one document in a file")
            if event.version is not None or event.tags:
                raise _fail(
                    "directives are not allowed", event.start_mark, "remove the lines that begin with %"
                )
        elif kind is stream_end:
            return root
