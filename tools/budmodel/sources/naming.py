"""Names for the catalog, made of names that others chose: a repository, a bucket's prefix, a folder."""

from __future__ import annotations

import re
import unicodedata

from budmodel.schema.values import NAME_MAX, RESERVED_ENDINGS, reserved

_foreign = re.compile(r"[^a-z0-9._-]+")
_run = re.compile(r"([._-])[._-]+")


def slug(text: str) -> str | None:
    """The text in the letters of a name (lower case, digits, single ``. _ -``); None if none is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return _run.sub(r"\1", _foreign.sub("-", plain)).strip("._-")[:NAME_MAX].rstrip("._-") or None


def organisation_of(repo_id: str) -> str | None:
    """Who publishes ``org/name``, in the letters of a name; None where the id names nobody."""
    owner, slash, _ = repo_id.rpartition("/")
    return slug(owner) if slash else None


def name_of(repo_id: str) -> str:
    """A well-formed, not reserved name for ``org/name``: ``llama-3.1-8b`` for ``meta-llama/Llama-3.1-8B``."""
    name = slug(repo_id.rstrip("/").rpartition("/")[2]) or "model"
    for ending in RESERVED_ENDINGS:
        if name.endswith(ending):
            name = f"{name.removesuffix(ending)}-{ending[1:]}"
    if not reserved(name):
        return name
    # ``con.v1`` is a device for Windows under any ending, so only what stands before the dot can help.
    owner = organisation_of(repo_id) or "model"
    longer = f"{owner}-{name}"[:NAME_MAX].rstrip("._-")
    return longer if not reserved(longer) else f"model-{name}"[:NAME_MAX].rstrip("._-")
