"""``/api/openapi.json``: the API described as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html).

Made from the code alone, so it has the same bytes on every site of one version of budmodel. The schemas are
closed: they say exactly what this version writes. A later version may add fields, so a client that checks
bodies takes the document from the site that it reads.
"""

from __future__ import annotations

import re
from typing import Any

from budmodel.render.api import SCHEMA_VERSION
from budmodel.render.exports.cyclonedx import SPEC
from budmodel.render.openapi_paths import ENDPOINTS, JSON, Endpoint
from budmodel.render.openapi_schemas import PREFIX, components, reference
from budmodel.render.output import Output
from budmodel.schema.base import Record
from budmodel.schema.jsonschema import DIALECT, VERSION, Schema, render

API_VERSION = "1.0.0"
"""SemVer: the major number is ``schema_version``; a field or file that is added raises the minor one."""
OPENAPI = "api/openapi.json"
_OPENAPI_VERSION = "3.1.1"
_BOM_PARTS = ("metadata", "components", "dependencies", "vulnerabilities")
_PARAMETERS = {
    "name": "The name of a model",
    "architecture": "An architecture, as models name it",
    "kind": "A kind of file of the catalog",
}
_ABOUT = (
    "The registry as static files. Within schema_version 1 fields and files are added, never removed, "
    "renamed or given another type. The schemas are closed: they describe what this site holds. A client "
    "ignores fields that it does not know. Fields without a value are absent, never null."
)


def document() -> Schema:
    """The whole document."""
    return {
        "openapi": _OPENAPI_VERSION,
        "info": {
            "title": "budmodel static API",
            "version": API_VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # Relative to the place of this document (OpenAPI 3.1, Server Object): the site may lie in a folder.
        "servers": [{"url": "..", "description": "The site that holds this document"}],
        "security": [],
        "paths": {endpoint.path: _path(endpoint) for endpoint in ENDPOINTS},
        "components": {"schemas": {**components(_records()), **_without_records()}},
    }


def write_openapi(output: Output) -> None:
    """Writes the document into a site."""
    output.write(OPENAPI, render(document()), listed=True)


def _records() -> list[type[Record]]:
    return list(dict.fromkeys(endpoint.result for endpoint in ENDPOINTS if endpoint.result is not None))


def _without_records() -> dict[str, Schema]:
    text: Schema = {"type": "string", "minLength": 1}
    return {
        "JsonSchemaDocument": {
            "type": "object",
            "description": f"A JSON Schema, of the dialect {DIALECT}",
            "required": ["$schema", "$id", "title", "description", "type", "properties"],
            "properties": {
                "$schema": {"const": DIALECT},
                "$id": {"type": "string", "pattern": rf"^urn:budmodel:schema:{VERSION}:[a-z]+$"},
                "title": text,
                "description": text,
                "type": {"const": "object"},
                "properties": {"type": "object", "minProperties": 1},
            },
        },
        "MlBom": {
            "type": "object",
            "description": f"A CycloneDX document, see http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
            "required": ["bomFormat", "specVersion", "serialNumber", "version", *_BOM_PARTS],
            "properties": {
                "$schema": {"type": "string"},
                "bomFormat": {"const": "CycloneDX"},
                "specVersion": {"const": SPEC},
                "serialNumber": {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"},
                "version": {"const": 1},
                "metadata": {"type": "object"},
                "components": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "object"}},
                "dependencies": {"type": "array", "items": {"type": "object"}},
                "vulnerabilities": {"type": "array", "items": {"type": "object"}},
            },
            "additionalProperties": False,
        },
        "OpenApiDocument": {
            "type": "object",
            "description": "An OpenAPI document, see https://spec.openapis.org/oas/3.1/schema/2022-10-07",
            "required": ["openapi", "info", "servers", "security", "paths", "components"],
            "properties": {
                "openapi": {"const": _OPENAPI_VERSION},
                "info": {"type": "object", "required": ["title", "version"]},
                "servers": {"type": "array", "minItems": 1},
                "security": {"type": "array"},
                "paths": {"type": "object", "minProperties": 1},
                "components": {"type": "object", "required": ["schemas"]},
            },
            "additionalProperties": False,
        },
    }


def _path(endpoint: Endpoint) -> Schema:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint.path),
        "summary": endpoint.about,
        "responses": {
            "200": {"description": endpoint.about, "content": {endpoint.media: _content(endpoint)}},
            "404": {"description": "There is no such file; the body is a page for people"},
        },
    }
    if endpoint.parameters:
        operation["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": _PARAMETERS[name],
                "schema": {"type": "string", "pattern": "^[^/]+$"},
            }
            for name in endpoint.parameters
        ]
    return {"get": operation}


def _operation_id(path: str) -> str:
    """``/api/models/{name}/scan.json`` → ``get_models_name_scan``."""
    stem = path.removeprefix("/api/").removesuffix(".json").removesuffix(".schema")
    return "get_" + re.sub(r"\W+", "_", stem).strip("_")


def _content(endpoint: Endpoint) -> Schema:
    if endpoint.result is not None:
        return {"schema": _envelope(reference(endpoint.result), endpoint.many)}
    if endpoint.schema is not None:
        return {"schema": {"$ref": f"{PREFIX}{endpoint.schema}"}}
    return {} if endpoint.media != JSON else {"schema": {"type": "object"}}


def _envelope(item: Schema, many: bool) -> Schema:
    return {
        "type": "object",
        "required": ["schema_version", "total", "result"],
        "properties": {
            "schema_version": {"const": SCHEMA_VERSION},
            "total": {"type": "integer", "minimum": 0} if many else {"const": 1},
            "result": {"type": "array", "items": item} if many else item,
        },
        "additionalProperties": False,
    }
