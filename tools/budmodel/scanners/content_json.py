"""What in a JSON file makes a loader run code: remote code, chat templates, Keras layers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from budmodel.scanners.interface import Found, Subject
from budmodel.scanners.templates import judge_template

_MUST_PARSE = frozenset(
    {
        "config.json",
        "tokenizer_config.json",
        "chat_template.json",
        "processor_config.json",
        "preprocessor_config.json",
        "generation_config.json",
        "model_index.json",
    }
)
"""Files in which loaders look for what they run: one that cannot be read is not decided."""
_DEEPEST = 200
_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+\Z")


class _DuplicateError(ValueError):
    """A key stands twice: readers differ in which one they take."""


def must_parse(name: str) -> bool:
    """Whether loaders look in a file of this name for what they run."""
    return name.lower() in _MUST_PARSE


def judge_json(raw: bytes, subject: Subject, found: list[Found]) -> str:
    """Adds findings; returns why the file stays undecided, where it does.

    Args:
        raw: the whole file.
        subject: it.
        found: what was found so far.
    """
    name = subject.name.lower()
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique)
    except _DuplicateError as error:
        if name in _MUST_PARSE:
            found.append(_finding("duplicate-key", str(error), f"the key {error} stands twice in it"))
        return ""
    except (ValueError, RecursionError):
        return (
            "it is no JSON that can be read, and loaders look in it for code" if name in _MUST_PARSE else ""
        )
    if name in _MUST_PARSE or subject.member:
        for value in _mappings(data):
            _auto_map(value, subject, found)
            if subject.member:
                _keras(value, found)
    _templates(data, found)
    return ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateError(key[:60])
            seen.add(key)
    return made


def _mappings(data: Any) -> Iterator[dict[str, Any]]:
    stack: list[tuple[Any, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, dict):
            yield value
            stack += [(item, depth + 1) for item in value.values() if isinstance(item, dict | list)]
        elif isinstance(value, list):
            stack += [(item, depth + 1) for item in value if isinstance(item, dict | list)]


def _auto_map(value: dict[str, Any], subject: Subject, found: list[Found]) -> None:
    """``auto_map`` names classes that Transformers imports from the repository, or from another one."""
    wanted = value.get("auto_map")
    names = list(_strings(wanted)) if wanted is not None else []
    folder = subject.path.rpartition("/")[0]
    for text in names[:100]:
        repository, _, local = text.rpartition("--")
        if repository:
            found.append(_finding("custom-code", text[:150], "it names code of another repository"))
            continue
        module = local.partition(".")[0]
        path = f"{folder}/{module}.py" if folder else f"{module}.py"
        here = _CLASS.match(local) is not None and path in subject.files
        message = (
            f"loading it with trust_remote_code runs {path}"
            if here
            else f"it names code that is not here: {path}"
        )
        found.append(
            Found(
                code="custom-code",
                detail=text[:150],
                severity="low" if here else "medium",
                message=message[:300],
            )
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _keras(value: dict[str, Any], found: list[Found]) -> None:
    """Keras builds what a configuration names: any module's class, and marshalled functions as Lambda."""
    class_name, module = value.get("class_name"), value.get("module")
    if not isinstance(class_name, str):
        return
    if class_name == "Lambda":
        found.append(_finding("keras-lambda", "Lambda", "a Lambda layer runs the code that it holds"))
    outside = isinstance(module, str) and module.partition(".")[0] not in ("keras", "tf_keras")
    if outside and module != "builtins":
        found.append(
            _finding("keras-module", f"{module}.{class_name}"[:150], "it builds a class that is not of Keras")
        )


def _templates(data: Any, found: list[Found]) -> None:
    """Chat templates are programs of Jinja; their syntax tree says what they reach for."""
    if not isinstance(data, dict):
        return
    template = data.get("chat_template")
    sources = [template] if isinstance(template, str) else []
    if isinstance(template, list):
        sources += [
            one["template"]
            for one in template
            if isinstance(one, dict) and isinstance(one.get("template"), str)
        ]
    if isinstance(template, dict):
        sources += [one for one in template.values() if isinstance(one, str)]
    for source in sources[:100]:
        found += judge_template(source, "chat_template")


def _finding(code: str, detail: str, message: str) -> Found:
    return Found(code=code, detail=detail, severity="high", message=message)
