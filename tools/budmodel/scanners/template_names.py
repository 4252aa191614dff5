"""Names in a template that are put together from pieces of text, so that no reader sees them.

``messages['_' ~ '_class_' ~ '_']`` holds no telling name. Chat templates look things up by written-out keys,
by numbers and by loop variables; a key that text was assembled into, directly or through a variable, is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

_BUILDING = frozenset(
    {"join", "format", "replace", "string", "reverse", "lower", "upper", "title", "capitalize", "urlencode"}
)
"""Filters and methods that make one text of others."""
_FILLING = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})
"""Methods that put their arguments into what they are called on."""
_MOST_ROUNDS = 20
# What a template hands back through caller() and loop() reaches names by way of these.
_CALLER, _LOOP = nodes.Name("caller()", "load"), nodes.Name("loop()", "load")
_VALUES = (nodes.Getattr, nodes.Name, nodes.NSRef)


def macro_names(every: Iterable[nodes.Node]) -> frozenset[str]:
    """Names of the template's own macros."""
    return frozenset(node.name for node in every if isinstance(node, nodes.Macro))


def built_keys(every: list[nodes.Node]) -> bool:
    """Whether something is looked up by a key that was put together."""
    flows = list(_flows(every))
    built: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        before = len(built)
        for name, value in flows:
            if name not in built and (value is None or _is_built(value, built)):
                built.add(name)
        if len(built) == before:
            break
    else:  # names that hand on names in such a way hide something
        return True
    return any(isinstance(node, nodes.Getitem) and _is_built(node.arg, built) for node in every)


def _flows(every: list[nodes.Node]) -> Iterator[tuple[str, nodes.Node | None]]:
    """What may become the value of each name; None is text that the template itself puts out."""
    macros = {node.name: node for node in every if isinstance(node, nodes.Macro)}
    for node in every:
        if isinstance(node, nodes.Assign):
            yield from ((name, node.node) for name in _targets(node.target))
        elif isinstance(node, nodes.AssignBlock):
            yield from ((name, None) for name in _targets(node.target))
        elif isinstance(node, nodes.For):
            yield from ((name, value) for name in _targets(node.target) for value in (node.iter, _LOOP))
        elif isinstance(node, nodes.With):
            for target, value in zip(node.targets, node.values, strict=True):
                yield from ((name, value) for name in _targets(target))
        elif isinstance(node, nodes.Macro | nodes.CallBlock):
            yield from _parameters(node)
        elif isinstance(node, nodes.Call):
            yield from _arguments(node, macros)


def _parameters(node: nodes.Macro | nodes.CallBlock) -> Iterator[tuple[str, nodes.Node]]:
    names = [parameter.name for parameter in node.args]
    yield from zip(reversed(names), reversed(node.defaults), strict=False)
    if isinstance(node, nodes.CallBlock):
        yield from ((name, _CALLER) for name in names)


def _arguments(call: nodes.Call, macros: dict[str, nodes.Macro]) -> Iterator[tuple[str, nodes.Node | None]]:
    called = call.node
    if isinstance(called, nodes.Getattr):
        if called.attr in _FILLING and isinstance(called.node, nodes.Name):
            yield from ((called.node.name, value) for value in call.args)
    elif isinstance(called, nodes.Name):
        yield from ((pair.key, pair.value) for pair in call.kwargs)
        if called.name in ("caller", "loop"):
            yield from ((f"{called.name}()", value) for value in call.args)
        if called.name in macros:
            names = [parameter.name for parameter in macros[called.name].args]
            yield from zip(names, call.args, strict=False)
            if call.dyn_args is not None or call.dyn_kwargs is not None:
                yield from ((name, None) for name in names)


def _targets(target: nodes.Node) -> Iterator[str]:
    """Names that are assigned; of ``ns.name`` the last part, wherever it is."""
    for node in (target, *target.find_all(_VALUES)):
        if isinstance(node, nodes.Name):
            yield node.name
        elif isinstance(node, nodes.NSRef | nodes.Getattr):
            yield node.attr


def _is_built(value: nodes.Node, built: set[str]) -> bool:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if _builds(node) or (isinstance(node, nodes.Name) and node.name in built):
            return True
        if isinstance(node, nodes.Getattr) and node.attr in built:
            return True
        if isinstance(node, nodes.Filter) and node.name in ("length", "count", "int"):
            continue  # a number, whatever it was counted from
        if isinstance(node, nodes.Getitem):  # what is looked up is no longer its key
            waiting.append(node.node)
            continue
        waiting.extend(node.iter_child_nodes())
    return False


def _builds(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Concat):
        return True
    if isinstance(node, nodes.Add | nodes.Mul | nodes.Mod):
        return any(
            isinstance(side, nodes.Const) and isinstance(side.value, str) for side in (node.left, node.right)
        )
    if isinstance(node, nodes.Getitem):
        return isinstance(node.node, nodes.Const)
    if isinstance(node, nodes.Filter):
        return node.name in _BUILDING
    return (
        isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr in _BUILDING
    )
