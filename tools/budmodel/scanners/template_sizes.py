"""Templates that would take time or memory without bound when they are rendered."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

MAX_REPEAT = 1_000_000
"""Largest number by which a chat template may repeat, count or pad."""
MAX_LOOPS = 8
"""Loops within loops; chat templates have three or four."""
MAX_EXPONENT = 64
_PADDING = frozenset({"center", "indent", "ljust", "rjust", "zfill", "batch", "slice", "wordwrap", "range"})


def oversized(tree: nodes.Node) -> Iterator[str]:
    """What in a template has no bound, in words; only what is written out as numbers can be told."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 1, 0)]
    while waiting:
        node, times, loops = waiting.pop()
        if isinstance(node, nodes.For):
            loops += 1
            times *= max(1, _length(node.iter))
            if loops > MAX_LOOPS:
                yield f"more than {MAX_LOOPS} loops within loops"
                return
            if times > MAX_REPEAT:
                yield f"loops of more than {MAX_REPEAT} rounds"
                return
        yield from _alone(node)
        # A chain of products is looked at once, at its top.
        inner = _factors(node) if isinstance(node, nodes.Mul) else node.iter_child_nodes()
        waiting.extend((child, times, loops) for child in inner)


def _alone(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Pow):
        exponent = _whole(node.right)
        if exponent is None or exponent > MAX_EXPONENT or isinstance(node.left, nodes.Pow):
            yield "a power"
    elif isinstance(node, nodes.Mul) and _repeats(node) > MAX_REPEAT:
        yield "text repeated"
    elif _padding(node) and any((_whole(value) or 0) > MAX_REPEAT for value in _values(node)):
        yield f"more than {MAX_REPEAT} items"


def _factors(product: nodes.Node | None) -> Iterator[nodes.Node]:
    waiting = [product]
    while waiting:
        side = waiting.pop()
        if isinstance(side, nodes.Mul):
            waiting += [side.left, side.right]
        elif side is not None:
            yield side


def _repeats(product: nodes.Mul) -> int:
    """By how much a chain of products repeats the text or list in it; 0 where there is none."""
    times, repeating = 1, False
    for factor in _factors(product):
        number = _whole(factor)
        repeating = repeating or number is None
        times = min(times * max(number or 1, 1), MAX_REPEAT + 1)
    return times if repeating else 0


def _length(iterated: nodes.Node) -> int:
    """Rounds of a loop over a range of written-out numbers; else 1."""
    if (
        isinstance(iterated, nodes.Call)
        and isinstance(iterated.node, nodes.Name)
        and iterated.node.name == "range"
    ):
        numbers = [_whole(value) for value in iterated.args]
        if numbers and None not in numbers:
            return max(number or 0 for number in numbers)
    return 1


def _padding(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _PADDING
    if isinstance(node, nodes.Call):
        called = node.node
        return (isinstance(called, nodes.Name) and called.name in _PADDING) or (
            isinstance(called, nodes.Getattr) and called.attr in _PADDING
        )
    return False


def _values(node: nodes.Node) -> list[nodes.Expr]:
    if isinstance(node, nodes.Filter | nodes.Call):
        return [*node.args, *(pair.value for pair in node.kwargs)]
    return []


def _whole(node: nodes.Node | None) -> int | None:
    """A written-out whole number; products and small powers of such are followed, for ``10 * 10**6``."""
    product = 1
    for factor in _factors(node):
        number = factor.value if isinstance(factor, nodes.Const) else None
        if isinstance(factor, nodes.Pow):
            base, exponent = (
                side.value if isinstance(side, nodes.Const) else None for side in (factor.left, factor.right)
            )
            if (
                type(base) is int
                and type(exponent) is int
                and 0 <= exponent <= MAX_EXPONENT
                and 0 <= base < 1 << 32
            ):
                number = base**exponent
        if type(number) is not int:
            return None
        product = min(product * max(number, 0), MAX_REPEAT * 1000)
    return product
