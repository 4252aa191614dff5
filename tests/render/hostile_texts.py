"""Hostile text for every place of a record that takes text: found by walking the schemas.

A field that is added tomorrow is poisoned tomorrow, without a line here. What hostile text asks for bears the
class ``pwned`` or calls ``pwned()``, so that a page can be asked whether anything of it came true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from budmodel.schema import values
from budmodel.schema.base import Record

EVIL = "evil.example"
PRODUCT = "62615533"
"""What a template engine makes of ``7919*7907``."""
PARTS = (
    f"<img class=pwned src=https://{EVIL}/i onerror=pwned()>",
    '"><svg class=pwned onload=pwned()><animate onbegin=pwned()>',
    "' onmouseover='pwned()' autofocus onfocus='pwned()' class='pwned",
    "</script><script class=pwned>pwned()</script>",
    "</title></textarea></style><iframe class=pwned src=javascript:pwned()>",
    "<a class=pwned href=javascript:pwned()>x</a>",
    f"[x](javascript:pwned()) ![x](https://{EVIL}/m.png)",
    "{{7919*7907}}{%raw%}${7919*7907}<%=7919*7907%>#{7919*7907}",
    "@@budmodel:body@@@@budmodel:root@@@@budmodel:title@@",
    f'=HYPERLINK("https://{EVIL}/","x")',
    f"<form class=pwned action=https://{EVIL}/><input name=words>",
    f'<meta class=pwned http-equiv=refresh content="0;url=https://{EVIL}/">',
    f"<base class=pwned href=https://{EVIL}/>",
    "data:text/html,<script class=pwned>pwned()</script>",
    "javascript:pwned()",
    "&lt;img class=pwned src=x onerror=pwned()&gt;&#60;b class=pwned&#62;",
    ']]><x class="pwned" xmlns="http://www.w3.org/1999/xhtml"/><!--',
    "--><style class=pwned>*{display:none}</style><!-- ",
    "<template class=pwned><slot name=pwned></template><object class=pwned data=x>",
    "W" * 90,
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3\\u003cb class=pwned\\u003e",
    "أبجد עברית \u200f\u200b а\u0430pple \U0001f4a3 \u0000".replace("\u0000", "␀"),
)
# For texts with a pattern: the worst that patterns let through, then plain examples of the strict ones.
TIGHT = (
    "https://x.example/'onmouseover='pwned()'{{7919*7907}}@@budmodel:body@@javascript:pwned()",
    f"https://x.example\\@{EVIL}/",
    "s3://b/<script/class=pwned>pwned()</script>/'\"onmouseover=pwned()/{{7919*7907}}",
    "javascript:pwned()",
    "javascript_pwned-__proto__",
    "constructor",
    "evil.example",
    "evil.example/x",
    "a" * 40,
    "a" * 64,
    "1.0.0",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "en",
    "DE",
    "x@1.0.0",
    "scan-missing",
)


class Whole(dict[str, Any]):
    """A value that takes the place of what was made up, instead of being put into it."""


class Poison:
    """Fills a record of a kind; the next value goes on with the next text."""

    def __init__(self, start: int) -> None:
        self.next = start
        self.visits: dict[str, int] = {}
        self.free: set[str] = set()
        """The fields that took free text: ``Model.tags[]``."""

    def record(self, kind: type[Record], fixed: Mapping[str, Any]) -> dict[str, Any]:
        """A record with text in every field; what ``fixed`` states stands, None there leaves a field out."""
        schema = kind.model_json_schema()
        found = self._value(schema, schema.get("$defs", {}), kind.__name__)
        merged = _merge(found, fixed)
        kind.model_validate_json(json.dumps(merged))
        return merged

    def text(self, most: int) -> str:
        """Hostile text of at most so many characters; where it fits, several kinds at once."""
        found = ""
        for _ in PARTS:
            part = PARTS[self.next % len(PARTS)]
            if found and len(found) + len(part) + 1 > most:
                break
            found = f"{found} {part}" if found else part[:most]
            self.next += 1
        return found

    def _value(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> Any:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._value(named[name], named, name)
        choices = [one for one in schema.get("anyOf", schema.get("oneOf", ())) if one.get("type") != "null"]
        if choices:
            able = [one for one in choices if one.get("type") not in ("boolean", "integer", "number")]
            able = able or choices
            # Each visit of a place takes the next of its choices, whatever other places hold.
            visit = self.visits[where] = self.visits.get(where, -1) + 1
            return self._value(able[visit % len(able)], named, where)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        return getattr(self, f"_{schema['type']}")(schema, named, where)

    def _object(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> dict[str, Any]:
        if "properties" in schema:
            items = schema["properties"].items()
            return {key: self._value(inner, named, f"{where}.{key}") for key, inner in items}
        names = {"type": "string", **schema.get("propertyNames", {}), **_only_pattern(schema)}
        inner = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        return {self._string(names, named, f"{where}{{}}"): self._value(inner, named, f"{where}{{}}")}

    def _array(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> list[Any]:
        number = min(schema.get("maxItems", 3), 3)
        return [self._value(schema["items"], named, f"{where}[]") for _ in range(number)]

    def _string(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> str:
        most = schema.get("maxLength", 400)
        pattern = schema.get("pattern")
        if pattern is None and not where.endswith(".path"):
            self.free.add(where)
            return self.text(min(most, 2000))
        if pattern is None:  # A path of files has parts; see values.FilePath.
            self.free.add(where)
            return "/".join(
                part for part in self.text(300).replace("\\", "").split("/") if part not in ("", ".", "..")
            )
        for text in (*TIGHT, "acme.com/x", "x.y.z"):
            if re.search(pattern, text) and len(text) <= most and not values.reserved(text):
                return text
        raise AssertionError(f"{where}: no text here matches {pattern}; add one to TIGHT")

    def _integer(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> int:
        return int(max(schema.get("minimum", 1), 1))

    def _number(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> float:
        return 0.5

    def _boolean(self, schema: Mapping[str, Any], named: Mapping[str, Any], where: str) -> bool:
        return True


def free_fields(kinds: Mapping[str, type[Record]]) -> Iterator[str]:
    """Every field of the kinds that takes text without a pattern, by walking their schemas alone."""
    for kind in kinds.values():
        schema = kind.model_json_schema()
        for name, part in [(kind.__name__, schema), *schema.get("$defs", {}).items()]:
            for key, inner in part.get("properties", {}).items():
                yield from _free(inner, f"{name}.{key}")


def _free(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    for choice in schema.get("anyOf", schema.get("oneOf", ())):
        yield from _free(choice, where)
    if schema.get("type") == "array":
        yield from _free(schema["items"], f"{where}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _free(schema["additionalProperties"], f"{where}{{}}")
    for inner in schema.get("patternProperties", {}).values():
        yield from _free(inner, f"{where}{{}}")
    if schema.get("type") == "string" and not {"pattern", "const", "enum"} & schema.keys():
        yield where


def _only_pattern(schema: Mapping[str, Any]) -> dict[str, str]:
    return {"pattern": next(iter(schema["patternProperties"]))} if "patternProperties" in schema else {}


def _merge(found: Any, fixed: Any) -> Any:
    if not isinstance(found, dict) or not isinstance(fixed, Mapping) or isinstance(fixed, Whole):
        return fixed
    merged = {**found}
    for key, value in fixed.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged
