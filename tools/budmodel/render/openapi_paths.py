"""Every kind of file of the API, in one table: the OpenAPI document and the host files are made from it.

To add a file to the API: write it in the build, add its line here (and a record in ``openapi_bodies`` where
it has a body of its own), and a line in
``site/docs/reference/api-changelog.md``, and run ``python tests/render/api_shape.py``, which takes over what
programs may rely on from now on. Tests fail until all are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from budmodel.render import openapi_bodies as bodies
from budmodel.schema.base import Record
from budmodel.schema.governance import Policy
from budmodel.schema.license import License

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One kind of file."""

    path: str
    """From the root of the site, with ``{name}`` for what varies."""
    about: str
    """One line for people."""
    result: type[Record] | None = None
    """The record under ``result``; None where the file has no envelope."""
    many: bool = False
    """Whether ``result`` is a list of that record."""
    media: str = JSON
    schema: str | None = None
    """The component of a JSON file without an envelope."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what varies."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    def matches(self, path: str) -> bool:
        """Whether a file of the site is of this kind."""
        fixed = re.split(r"\{\w+\}", self.path)
        return re.fullmatch("[^/]+".join(map(re.escape, fixed)), path) is not None


ENDPOINTS = (
    Endpoint(
        path="/api/index.json", about="The commit, and the digest of every file", result=bodies.ApiIndex
    ),
    Endpoint(path="/api/models.json", about="All models in short", result=bodies.ModelInList, many=True),
    Endpoint(
        path="/api/models/leaderboard.json",
        about="Ranked results of all models, grouped by what makes them comparable",
        result=bodies.LeaderboardOfMetric,
        many=True,
    ),
    Endpoint(
        path="/api/models/leaderboard/architecture/{architecture}.json",
        about="Ranked results of one architecture",
        result=bodies.LeaderboardOfMetric,
        many=True,
    ),
    Endpoint(
        path="/api/models/{name}.json",
        about="A model's record and its versions",
        result=bodies.ModelWithVersions,
    ),
    Endpoint(
        path="/api/models/{name}/versions.json",
        about="The versions of a model with their files, oldest first",
        result=bodies.VersionWithFiles,
        many=True,
    ),
    Endpoint(
        path="/api/models/{name}/license.json",
        about="The licence records that a model's licence names, and its own restrictions",
        result=bodies.LicenseOfModel,
    ),
    Endpoint(
        path="/api/models/{name}/scan.json",
        about="The scan evidence of each version",
        result=bodies.ScanEvidence,
        many=True,
    ),
    Endpoint(
        path="/api/models/{name}/deploy.json",
        about="All records on which deploy-check decides, as they are",
        result=bodies.DeployRecords,
    ),
    Endpoint(
        path="/api/models/{name}/mlbom.json",
        about="A model in its default version as a CycloneDX ML-BOM",
        schema="MlBom",
    ),
    Endpoint(path="/api/licenses.json", about="All licence records", result=License, many=True),
    Endpoint(path="/api/policy.json", about="The policy that judges, with its defaults", result=Policy),
    Endpoint(
        path="/api/support.json",
        about="Architectures, precisions and the engines they run on",
        result=bodies.SupportInMatrix,
        many=True,
    ),
    Endpoint(path="/api/changes.atom", about="What changed, newest first", media="application/atom+xml"),
    Endpoint(path="/api/models.csv", about="All versions as a table", media="text/csv"),
    Endpoint(path="/api/catalog.sqlite", about="The whole catalog, for SQL", media="application/vnd.sqlite3"),
    Endpoint(path="/api/openapi.json", about="This document", schema="OpenApiDocument"),
    Endpoint(
        path="/schemas/v1/{kind}.schema.json",
        about="The JSON Schema of one kind of file of the catalog",
        schema="JsonSchemaDocument",
    ),
)


def endpoint_of(path: str) -> Endpoint | None:
    """The kind of a file of the site, such as ``/api/models/x.json``; what names it whole comes first."""
    found = [endpoint for endpoint in ENDPOINTS if endpoint.matches(path)]
    return min(found, key=lambda endpoint: len(endpoint.parameters), default=None)
