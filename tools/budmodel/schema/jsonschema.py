"""JSON Schema (2020-12) of every record, generated from the Pydantic models, for editors and other programs.

Pydantic's own output knows the fields, not what our validators ask beyond them; that is added here where
JSON Schema can say it. What it cannot say (one number below another, that a day exists) only the records
check.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from budmodel.schema import values
from budmodel.schema.base import Record
from budmodel.schema.examples import EXAMPLES
from budmodel.schema.governance import DeniedItem, Waiver
from budmodel.schema.kinds import KINDS
from budmodel.schema.model import Model
from budmodel.schema.scan import Scan
from budmodel.schema.version import Version

VERSION = "v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUFFIX = ".schema.json"

Schema = dict[str, Any]
_NULL: Schema = {"type": "null"}
_PRESENT: Schema = {"not": _NULL}


def _has(**fields: Any) -> Schema:
    """A mapping that holds all these fields, each as described; a bare value means just that value."""
    described = {key: value if isinstance(value, dict) else {"const": value} for key, value in fields.items()}
    return {"type": "object", "properties": described, "required": list(described)}


def _forbidden(pattern: str) -> Schema:
    return {"not": {"type": "string", "pattern": pattern}}


def _reserved() -> str:
    names, devices = "|".join(sorted(values.RESERVED_NAMES)), "|".join(sorted(values.DEVICE_NAMES))
    endings = "|".join(ending.replace(".", r"\.") for ending in values.RESERVED_ENDINGS)
    return rf"^(?:{names})$|^(?:{devices})(?:\.|$)|(?:{endings})$"


# What the functions behind a string type ask beyond its pattern, by function.
STRINGS: dict[Callable[..., Any], list[Schema]] = {
    values._check_name: [_forbidden(_reserved())],
    values._check_date: [{"format": "date"}],
    values._check_timestamp: [],  # a pattern says it; only whether the day exists is left
    values._check_file_path: [_forbidden(r"\\|^/|//|/$|(?:^|/)\.{1,2}(?:/|$)")],
    values._check_link: [_forbidden("^https?://(?:[/?#]|[^/?#]*@)")],
    values._check_uri: [
        _forbidden("[?#]"),
        _forbidden(r"/(?:\.|%2[eE]){1,2}(?:/|$)"),
        _forbidden("^(?:s3|file)://[^/]*@|^hf://[^/]*:[^/]*@|^(?:s3|hf):///"),
    ],
}

_FROM_API = {"if": _has(source=_has(type="api"))}

# What the validator of a whole record asks, by record.
RECORDS: dict[type[Record], list[Schema]] = {
    Model: [
        {**_FROM_API, "else": {"allOf": [_has(parameter_count=_PRESENT), {"properties": {"api": _NULL}}]}},
        {"if": _has(status="deprecated"), "else": {"properties": {"successor": _NULL, "retires_on": _NULL}}},
    ],
    Version: [
        {**_FROM_API, "then": {"properties": {"storage_path": _NULL, "files": {"maxItems": 0}}}},
    ],
    Scan: [
        {
            "if": _has(status={"enum": ["PASSED", "FAILED"]}),
            "then": _has(manifest_sha256=_PRESENT, finished=_PRESENT),
        },
        {"if": _has(status="SKIPPED"), "then": _has(reason=_PRESENT)},
        {"if": _has(status="PASSED"), "then": {"properties": {"findings": {"maxItems": 0}}}},
    ],
    Waiver: [
        {"if": _has(rules={"contains": {"const": "scan-failed"}}), "then": _has(findings={"minItems": 1})},
    ],
    DeniedItem: [{"oneOf": [_has(sha256=_PRESENT), _has(source=_PRESENT)]}],
}


def field_descriptions(record: type[Record]) -> dict[str, str]:
    """The docstrings below the fields of a record.

    Pydantic can collect them itself (``use_attribute_docstrings``), but then every command would parse the
    source of all records on start, which takes 150 ms; only the schemas need them.
    """
    source = ast.parse(textwrap.dedent(inspect.getsource(record)))
    body = source.body[0].body if isinstance(source.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, following in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            found[field.target.id] = inspect.cleandoc(following.value.value)
    return found


class Generator(GenerateJsonSchema):
    """Pydantic's generator with our validators' demands, and without what only makes the files longer."""

    def generate(
        self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation"
    ) -> JsonSchemaValue:
        """The schema, ready to be read by editors."""
        document = super().generate(schema, mode)
        tidy(document)
        return document

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles that only repeat the field's name."""
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping with free keys; Pydantic describes the keys, and lets others pass."""
        inner = super().dict_schema(schema)
        if "patternProperties" in inner:
            inner["additionalProperties"] = False
        return inner

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        """A string type, with what its function asks."""
        inner = super().function_after_schema(schema)
        asked = STRINGS.get(schema["function"]["function"])
        return {**inner, "allOf": asked} if asked else inner

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A record, with what its validator asks."""
        inner = super().model_schema(schema)
        # A record that adds to another keeps what that one says and asks.
        records = [cls for cls in schema["cls"].__mro__ if issubclass(cls, Record)]
        for record in records:
            for name, text in field_descriptions(record).items():
                inner["properties"][name].setdefault("description", text)
        asked = [demand for record in records for demand in RECORDS.get(record, ())]
        return {**inner, "allOf": asked} if asked else inner


def tidy(node: Any) -> None:
    """Takes out OpenAPI's ``discriminator``, which strict validators refuse, and defaults of null."""
    if isinstance(node, list):
        for item in node:
            tidy(item)
    elif isinstance(node, dict):
        if "oneOf" in node:
            node.pop("discriminator", None)
        if "default" in node and node["default"] is None:
            del node["default"]
        for item in node.values():
            tidy(item)


def schemas() -> dict[str, Schema]:
    """The JSON Schema of every kind of record, by file name: ``model.schema.json`` …"""
    return {f"{name}{SUFFIX}": _document(name, kind.record) for name, kind in KINDS.items() if kind.record}


def _document(kind: str, record: type[Record]) -> Schema:
    body = record.model_json_schema(schema_generator=Generator)
    head = {
        "$schema": DIALECT,
        # A name, not an address: nobody need fetch it, and the files work wherever they are served.
        "$id": f"urn:budmodel:schema:{VERSION}:{kind}",
        "title": body.pop("title"),
        "description": body.pop("description"),
        "examples": list(EXAMPLES[kind]),
    }
    definitions = body.pop("$defs", None)
    return {**head, **body, **({"$defs": definitions} if definitions else {})}


def render(schema: Schema) -> bytes:
    """A schema as the bytes of its file; the same on every machine."""
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()
