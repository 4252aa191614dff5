"""What the Hub says about a model: one answer of its models API, pinned to a commit, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from budmodel.errors import BudmodelError, NotFoundError, OutsideError
from budmodel.schema.values import COMMIT_PATTERN, format_timestamp, parse_timestamp
from budmodel.sources import hub_listing
from budmodel.sources.hub_errors import Asked, RevisionMissingError
from budmodel.sources.hub_http import Again, Answer, HubClient
from budmodel.sources.hub_ids import HubId, quoted, well_formed
from budmodel.sources.hub_listing import Entry

MAX_PAGES = 120
"""Most pages of a file tree (the Hub puts 1,000 entries on one)."""
_BRANCHES = 10
_commit = re.compile(COMMIT_PATTERN[:-1] + r"\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubModel:
    """A repository at one commit. ``entries`` is None where the Hub did not say sizes."""

    repo_id: str
    revision: str
    released: str | None
    facts: Mapping[str, Any]
    entries: tuple[Entry, ...] | None
    paths: tuple[str, ...]
    notes: tuple[str, ...]


def ask_model(client: HubClient, wanted: HubId) -> HubModel:
    """A model as the Hub describes it: one request, and a few more where its answer is partial."""
    asked = Asked(client.endpoint, wanted.repo_id, wanted.revision, token=client.token)
    answer = _ask_api(client, asked, "blobs=true&securityStatus=true")
    facts = body_of(asked, answer)
    notes = []
    repo_id = _canonical(asked, facts)
    if repo_id != wanted.repo_id:
        notes.append(f"the Hub calls {wanted.repo_id} {repo_id} now; the record names the latter")
        asked = Asked(client.endpoint, repo_id, wanted.revision, token=client.token)
    if facts.get("disabled") is True:
        notes.append("the Hub has disabled this repository")
    revision = commit_of(asked, facts) or _find_commit(client, asked, answer)
    released = moment_of(facts.get("lastModified"))
    if released is None:
        notes.append("the Hub does not say when this state was made")
    entries = hub_listing.from_siblings(asked, facts.get("siblings"))
    paths = tuple(entry.path for entry in entries or ())
    if entries is None or any(entry.size is None for entry in entries):
        entries = _ask_tree(client, asked, revision)
        if entries is None:
            notes.append("the Hub did not say the sizes of the files, so they are not recorded")
        else:
            paths = tuple(entry.path for entry in entries)
    return HubModel(
        repo_id=repo_id,
        revision=revision,
        released=released,
        facts=facts,
        entries=None if entries is None else tuple(entries),
        paths=paths,
        notes=tuple(notes),
    )


def ask_head(client: HubClient, wanted: HubId) -> tuple[str, str | None]:
    """The commit that a branch is at, and when it was last modified: one small request."""
    asked = Asked(client.endpoint, wanted.repo_id, wanted.revision, token=client.token)
    answer = _ask_api(client, asked, "expand=sha&expand=lastModified")
    facts = body_of(asked, answer)
    return commit_of(asked, facts) or _find_commit(client, asked, answer), moment_of(
        facts.get("lastModified")
    )


def body_of(asked: Asked, answer: Answer) -> dict[str, Any]:
    """The answer as the object that the models API sends."""
    if not isinstance(answer.value, dict):
        raise OutsideError(
            f"{asked.host} answered {asked.what} with no description of a model; check HF_ENDPOINT"
        )
    return answer.value


def commit_of(asked: Asked, facts: Mapping[str, Any]) -> str | None:
    """The commit that the answer names; None where it names none."""
    sha = facts.get("sha")
    if sha is None:
        return None
    if not isinstance(sha, str) or _commit.match(sha) is None:
        raise OutsideError(f"{asked.host} gives {asked.repo_id} a commit that is none; check HF_ENDPOINT")
    if asked.revision is not None and _commit.match(asked.revision) and sha != asked.revision:
        raise OutsideError(
            f"{asked.host} answered another commit of {asked.repo_id} than {asked.revision}; try again"
        )
    return sha


def moment_of(value: Any) -> str | None:
    """A time of the Hub's JSON as records hold it; None where it is none."""
    try:
        return format_timestamp(parse_timestamp(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _api(client: HubClient, repo_id: str) -> str:
    return f"{client.endpoint}/api/models/{repo_id}"


def _ask_api(client: HubClient, asked: Asked, query: str) -> Answer:
    where = _api(client, asked.repo_id)
    if asked.revision is None:
        return client.json(asked, f"{where}?{query}")
    try:
        return client.json(asked, f"{where}/revision/{quote(asked.revision, safe='')}?{query}")
    except RevisionMissingError as error:
        names = ", ".join(quoted(name, 60) for name in list(_refs(client, asked))[:_BRANCHES])
        raise RevisionMissingError(f"{error}; it has {names}" if names else str(error)) from None


def _canonical(asked: Asked, facts: Mapping[str, Any]) -> str:
    repo_id = facts.get("id") or facts.get("modelId") or asked.repo_id
    if not isinstance(repo_id, str) or not well_formed(repo_id):
        raise OutsideError(
            f"{asked.host} answered {asked.repo_id} with an id that is none; check HF_ENDPOINT"
        )
    return repo_id


def _refs(client: HubClient, asked: Asked) -> dict[str, str]:
    """Branches and tags with their commits; empty where the Hub does not say."""
    try:
        value = client.json(asked, f"{_api(client, asked.repo_id)}/refs").value
    except BudmodelError:
        return {}
    refs: dict[str, str] = {}
    for kind in ("branches", "tags"):
        items = value.get(kind) if isinstance(value, dict) else None
        for item in items if isinstance(items, list) else ():
            name, commit = (
                (item.get("name"), item.get("targetCommit")) if isinstance(item, dict) else (None, None)
            )
            if isinstance(name, str) and isinstance(commit, str) and _commit.match(commit):
                refs.setdefault(name, commit)
    return refs


def _find_commit(client: HubClient, asked: Asked, answer: Answer) -> str:
    """The commit from where else the Hub states it: its header, its refs, the address of a file."""
    revision = asked.revision or "main"
    commit = answer.claims.get("x-repo-commit") or _refs(client, asked).get(revision)
    if commit is None:
        claims: dict[str, str] = {}
        url = f"{client.endpoint}/{asked.repo_id}/resolve/{quote(revision, safe='')}/README.md"
        # Also the answer "no such file" says at which commit there is none.
        with (
            suppress(Again, BudmodelError),
            client.open(asked, url, elsewhere=True, span="bytes=0-0", claims=claims),
        ):
            pass
        commit = claims.get("x-repo-commit", "")
    if _commit.match(commit) is None:
        raise OutsideError(
            f"{asked.host} does not say at which commit {asked.repo_id} is, so it cannot be pinned"
        )
    return commit


def _ask_tree(client: HubClient, asked: Asked, revision: str) -> list[Entry] | None:
    """The files with their sizes from the tree API; None where the Hub has none for this model."""
    try:
        return hub_listing.from_tree(asked, _tree_pages(client, asked, revision))
    except NotFoundError:
        return None


def _tree_pages(client: HubClient, asked: Asked, revision: str) -> Iterator[Any]:
    url: str | None = f"{_api(client, asked.repo_id)}/tree/{revision}?recursive=true&expand=false"
    for _ in range(MAX_PAGES):
        if url is None:
            return
        answer = client.json(asked, url)
        yield answer.value
        url = answer.next_url
    raise OutsideError(f"{asked.host} lists the files of {asked.repo_id} without end; it is refused")
