"""Chat templates, judged by their syntax tree. They are parsed; they are never compiled and never rendered.

A chat template is a Jinja program which the loader runs, often without a sandbox (CVE-2024-34359). What gets
a template from its messages to Python's own objects are names that begin with an underscore, however they are
spelled: as attributes, as keys, through filters, in format strings, or built from pieces. Chat templates
need none of that, nor other templates, nor functions beyond a handful. Jinja: https://jinja.palletsprojects.com/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from budmodel.domain.quoting import one_line, shown
from budmodel.scanners.interface import Found
from budmodel.scanners.template_names import built_keys, macro_names
from budmodel.scanners.template_sizes import oversized

MAX_SIZE = 256 << 10
"""Characters of a template; the largest that are known have some ten thousand."""
MOST_FINDINGS = 20
FUNCTIONS = frozenset(
    {"raise_exception", "strftime_now", "range", "namespace", "dict", "caller", "loop", "joiner", "cycler"}
)
"""What chat templates call: Jinja's harmless ones and the two that Transformers gives."""
_DUNDER = re.compile(r"(?<!_)__(?!_)|__[A-Za-z]|[A-Za-z]__")
"""As in Python's own names; a line of underscores is none."""
_ATTRIBUTE_FILTERS = frozenset(
    {"map", "selectattr", "rejectattr", "groupby", "sort", "sum", "min", "max", "unique"}
)
"""Filters that read attributes by name: of the first argument, or of ``attribute=``."""
_BY_KEYWORD = frozenset({"map", "sum", "min", "max", "unique", "sort"})
_OTHERS = (nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)


class _Generation(Extension):
    """``{% generation %}`` of Transformers, which only marks what the assistant said."""

    tags = {"generation"}  # noqa: RUF012  (as the base class has it)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


_JINJA = Environment(
    autoescape=True, extensions=[_Generation, "jinja2.ext.loopcontrols", "jinja2.ext.do"], cache_size=0
)


def judge_template(source: str, where: str) -> list[Found]:
    """What is wrong with a chat template.

    Args:
        source: the template's text.
        where: what holds it, for messages: ``tokenizer.chat_template``.

    Returns:
        Findings, each once, of codes template-code (critical: it reaches for what runs code), template-bomb
        and template-unreadable (medium); none where the template is as chat templates are.
    """
    if len(source) > MAX_SIZE:
        return [_unreadable(where, "size", f"has {len(source)} characters, and {MAX_SIZE} are read")]
    try:
        return _judge(_JINJA.parse(source), where)
    except TemplateSyntaxError as error:
        return [_unreadable(where, "syntax", f"cannot be parsed: {one_line(shown(str(error.message)), 80)}")]
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return [_unreadable(where, "nesting", "nests too deep, or has numbers too large, to be parsed")]


def _judge(tree: nodes.Template, where: str) -> list[Found]:
    every = list(_every(tree))
    found = dict.fromkeys(_code(every, where))
    for what in oversized(tree):
        found[_found("template-bomb", what, where, f"would take time or memory without bound ({what})")] = (
            None
        )
    return list(found)[:MOST_FINDINGS]


def _every(tree: nodes.Node) -> Iterator[nodes.Node]:
    """All nodes; without recursion, since a chain of filters nests as deep as it is long."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _code(every: list[nodes.Node], where: str) -> Iterator[Found]:
    callable_names = FUNCTIONS | macro_names(every)
    for node in every:
        for what in _reaches(node, callable_names):
            yield _found("template-code", what, where, f"reaches for Python's own objects ({what})")
    if built_keys(every):
        what = "a key built from text"
        yield _found("template-code", what, where, f"looks something up by {what}, which hides the name")


def _reaches(node: nodes.Node, callable_names: frozenset[str]) -> Iterator[str]:
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        yield node.attr
    elif isinstance(node, nodes.Getitem) and _text(node.arg).startswith("_"):
        yield _text(node.arg)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and _DUNDER.search(node.value):
        yield node.value
    elif isinstance(node, nodes.Name) and node.name.startswith("__"):
        yield node.name
    elif isinstance(node, _OTHERS):
        yield type(node).__name__.lower()
    elif isinstance(node, nodes.Filter):
        yield from _filter(node)
    elif isinstance(node, nodes.Call):
        yield from _call(node, callable_names)


def _filter(node: nodes.Filter) -> Iterator[str]:
    if node.name == "attr":
        yield "the filter attr"
    if node.name not in _ATTRIBUTE_FILTERS:
        return
    named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
    if node.name == "map" and node.args and _text(node.args[0]) in ("", "attr", "map", "format"):
        yield "the filter map by a filter that reads attributes"
    if node.name not in _BY_KEYWORD:
        named += node.args[:1]
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield f"the filter {node.name} with arguments that are not written out"
    for argument in named:
        name = argument.value if isinstance(argument, nodes.Const) else None
        if not isinstance(name, str | int):
            yield f"the filter {node.name} by a computed name"
        elif any(part.startswith("_") for part in str(name).split(".")):
            yield f"the filter {node.name} by {one_line(str(name), 40)}"


def _call(node: nodes.Call, callable_names: frozenset[str]) -> Iterator[str]:
    called = node.node
    if isinstance(called, nodes.Name):
        if called.name not in callable_names:
            yield f"{called.name}()"
    elif not isinstance(called, nodes.Getattr):
        yield "a call of something computed"
    elif called.attr == "format_map" or (called.attr == "format" and not _plain_format(called.node)):
        yield f"the method {called.attr}"


def _plain_format(node: nodes.Node) -> bool:
    """Whether a format string is written out and reads no attributes."""
    text = node.value if isinstance(node, nodes.Const) else None
    return isinstance(text, str) and not re.search(r"\{[^{}:!]*[.\[]|\{[^{}]*\{", text.replace("{{", ""))


def _text(node: nodes.Node) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""


def _found(code: str, what: str, where: str, says: str) -> Found:
    critical = code == "template-code"
    return Found(
        code=code,
        detail=one_line(shown(what), 80),
        severity="critical" if critical else "medium",
        message=f"the template {one_line(where, 80)} {one_line(shown(says), 150)}",
    )


def _unreadable(where: str, detail: str, says: str) -> Found:
    return Found(
        code="template-unreadable",
        detail=detail,
        severity="medium",
        message=f"the template {one_line(where, 80)} {says}",
    )
