"""The schemas of the API's bodies, made from the same records as ``/schemas/v1/``.

A record as the API writes it is stricter than one as people write it: fields without a value are absent,
never null, and fields that have a default are always there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from budmodel.schema.base import Record
from budmodel.schema.jsonschema import Generator, Schema, tidy

PREFIX = "#/components/schemas/"


class _Published(Generator):
    """Schemas of what ``api.plain`` writes."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """No value is no field."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """What is always there needs no default."""
        return self.generate_inner(schema["schema"])

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Whether the field is always there: not where nothing stands for it."""
        inner = field["schema"]
        if inner["type"] == "default":
            return "default_factory" in inner or inner["default"] is not None
        return super().field_is_required(field, total)


def components(records: Sequence[type[Record]]) -> dict[str, Schema]:
    """The schemas of records and of all that they hold, by the names of their classes."""
    _, found = models_json_schema(
        [(record, "validation") for record in records],
        ref_template=f"{PREFIX}{{model}}",
        schema_generator=_Published,
    )
    tidy(found)
    schemas: dict[str, Schema] = found["$defs"]
    return dict(sorted(schemas.items()))


def reference(record: type[Record]) -> Schema:
    """A reference to the schema of a record."""
    return {"$ref": f"{PREFIX}{record.__name__}"}
