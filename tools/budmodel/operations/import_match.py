"""Which model of the catalog a listing belongs to: one that is there already, or a new name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from budmodel.errors import ConflictError, UsageError
from budmodel.operations.names import listed
from budmodel.operations.registering import check_free
from budmodel.schema.model import CustomSource, HuggingFaceSource, Model
from budmodel.schema.values import NAME_MAX
from budmodel.schema.version import HubRevision, LocalFiles, S3Location, Version
from budmodel.sources.interface import Listing, Stated
from budmodel.store.catalog import Snapshot
from budmodel.store.model_view import ModelView
from budmodel.store.tree import CATALOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where the bytes of an import are, in the words of a version record."""

    listing: Listing
    storage_path: str | None
    """The organisation's own copy: the source itself, or where the user says the bytes will live."""

    @property
    def model_id(self) -> str | None:
        """The repository on the Hub."""
        return self.listing.source.get("model_id")

    @property
    def locations(self) -> list[str]:
        """All URIs of these bytes, without a slash at their end."""
        stated = (self.storage_path, self.listing.storage_path, self.listing.source.get("uri"))
        return list(dict.fromkeys(uri.rstrip("/") for uri in stated if uri))

    def shown(self) -> str:
        """For a sentence: ``hf:org/name``, a URI, or a local folder."""
        if self.model_id is not None:
            return f"hf:{self.model_id}"
        return self.locations[0] if self.locations else "a local folder"


def find_name(snapshot: Snapshot, here: Here, stated: Stated) -> tuple[str, bool]:
    """The name to import under, and whether a model has it (and is from this source).

    Raises:
        UsageError: several models come from this source, so the name must be stated.
        ConflictError: the name is taken by a model from another source, was removed, or is too like one
            that is taken; with a name that is free.
    """
    name = stated.name or _known_by_id(snapshot, here.model_id) or here.listing.suggested_name
    if name in snapshot.tree.model_names():
        _check_same_source(snapshot, name, here)
        return name, True
    try:
        check_free(snapshot, name)
    except ConflictError as error:
        why = str(error).removesuffix("; choose another name")
        raise ConflictError(f"{why}; {_proposal(snapshot, here, name)}") from None
    return name, False


def same_pin(record: Version, here: Here) -> bool:
    """Whether a version is of exactly this revision, or of this location."""
    source = record.source
    if here.model_id is not None:
        return (
            isinstance(source, HubRevision)
            and source.model_id.casefold() == here.model_id.casefold()
            and source.revision is not None
            and source.revision == here.listing.source.get("revision")
        )
    if here.locations:
        return bool(set(_locations(record)) & set(here.locations))
    return isinstance(source, LocalFiles) and record.storage_path is None


def _known_by_id(snapshot: Snapshot, model_id: str | None) -> str | None:
    if model_id is None:
        return None
    found = models_by_id(snapshot).get(model_id.casefold(), [])
    if len(found) > 1:
        raise UsageError(f"several models come from {model_id}: {listed(found)}; say which with --name")
    return found[0] if found else None


def models_by_id(snapshot: Snapshot) -> dict[str, list[str]]:
    """The names of the models that come from each Hub id (in lower case: the Hub ignores case)."""
    found: dict[str, list[str]] = {}
    for name, data in snapshot.model_data():
        source = data.get("source")
        if isinstance(source, dict) and source.get("model_id"):
            found.setdefault(str(source["model_id"]).casefold(), []).append(name)
    return found


def _check_same_source(snapshot: Snapshot, name: str, here: Here) -> None:
    view = snapshot.model(name)
    if view.model is not None and not view.model.has_artifacts:
        raise ConflictError(
            f"{name} is reached through an API (source: api), so it has no files to import; "
            f"{_proposal(snapshot, here, name)}"
        )
    records = [entry.record for entry in view.versions.values() if entry.record is not None]
    same = _same_hub(view.model, records, here) if here.model_id else _same_place(view.model, records, here)
    if not same:
        raise ConflictError(
            f"the name {name} is taken by a model from {_origin(view, records)}, not from {here.shown()}; "
            f"{_proposal(snapshot, here, name)}"
        )


def _same_hub(model: Model | None, records: list[Version], here: Here) -> bool:
    ids = {record.source.model_id for record in records if isinstance(record.source, HubRevision)}
    if model is not None and isinstance(model.source, HuggingFaceSource) and model.source.model_id:
        ids.add(model.source.model_id)
    if ids:
        return str(here.model_id).casefold() in {id_.casefold() for id_ in ids}
    # Nobody said yet where it comes from, so this source contradicts nothing.
    return not isinstance(model.source if model is not None else None, CustomSource)


def _same_place(model: Model | None, records: list[Version], here: Here) -> bool:
    known = [uri for record in records for uri in _locations(record)]
    own = model is None or model.source is None or isinstance(model.source, CustomSource)
    if any(_related(one, other) for one in known for other in here.locations):
        return True
    if here.listing.kind == "local":
        return own or any(isinstance(record.source, LocalFiles) for record in records)
    return own and not any(uri.startswith("s3://") for uri in known)


def _locations(record: Version) -> Iterator[str]:
    if record.storage_path is not None:
        yield record.storage_path.rstrip("/")
    if isinstance(record.source, S3Location):
        yield record.source.uri.rstrip("/")


def _related(one: str, other: str) -> bool:
    """Whether two locations are versions of one place: one inside the other, or neighbours in a folder."""
    if f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/"):
        return True
    # A bucket holds many models, so sharing only the bucket says nothing.
    above = one.rpartition("/")[0]
    return above == other.rpartition("/")[0] and above.count("/") > 2


def _origin(view: ModelView, records: list[Version]) -> str:
    if view.model is not None and isinstance(view.model.source, HuggingFaceSource):
        return f"hf:{view.model.source.model_id}" if view.model.source.model_id else "the Hub"
    for record in reversed(records):
        if isinstance(record.source, HubRevision):
            return f"hf:{record.source.model_id}"
        for uri in _locations(record):
            return uri
    return f"elsewhere (see {CATALOG}/models/{view.name}/model.yaml)"


def _proposal(snapshot: Snapshot, here: Here, name: str) -> str:
    organisation = here.listing.organisation
    wanted = f"{organisation}-{name}" if organisation and not name.startswith(f"{organisation}-") else name
    for number in range(1, 100):
        ending = "" if number == 1 else f"-{number}"
        proposed = wanted[: NAME_MAX - len(ending)].rstrip("._-") + ending
        try:
            check_free(snapshot, proposed)
        except ConflictError:
            continue
        return f"import it under another name, such as --name {proposed}"
    return "import it under another name with --name"
