"""The decision table: a question, the answer to it, and the clause that the answer comes from.

The rows state what follows from the facts and clauses in ``catalog/licenses``; the texts themselves were not
read for them. So the table guards the engine: whether a record is true to its text is for its review to say.
Parents are written ``LICENSE:RELATION``, several with a blank, a grandparent behind ``>``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.license_terms import opinion_of
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.uses import RANK, Opinion, Use
from budmodel.schema.license import License
from budmodel.schema.model import LicenseRestrictions
from budmodel.store.catalog import Snapshot
from budmodel.store.memory_tree import MemoryTree
from budmodel.store.tree import WorkTree

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_suffix("").parent / "license_decisions.csv"
Row = dict[str, str]


def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def book() -> LicenseBook:
    snapshot = Snapshot(WorkTree(ROOT))
    return LicenseBook.of(record for _, record in snapshot.records("license", License))


def use_of(kind: str, circumstances: str) -> Use:
    stated: dict[str, Any] = {"kind": kind}
    for word in circumstances.split():
        name, is_set, value = word.partition("=")
        key = {"redistribute": "redistribute", "api-only": "api_only"}.get(name, name)
        stated[key] = (int(value) if name == "mau" else value) if is_set else True
    return Use(**stated)


def catalog(license_: str, parents: str) -> Snapshot:
    files: dict[str, bytes] = {}

    def add(name: str, text: str, bases: list[str]) -> None:
        lines = [f"name: {name}", "architecture: llama", "parameter_count: 1"]
        if text:
            lines.append(f'license_type: "{text}"')
        if bases:
            lines.append(f"base_models: [{', '.join(bases)}]")
        files[f"catalog/models/{name}/model.yaml"] = "\n".join([*lines, ""]).encode()
        version = b"version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n"
        files[f"catalog/models/{name}/versions/1.0.0.yaml"] = version

    def lineage(chain: list[str], name: str) -> str:
        text, _, relation = chain[0].rpartition(":")
        add(name, text, [lineage(chain[1:], f"{name}-p")] if len(chain) > 1 else [])
        return f"{{model: {name}, relation: {relation}}}"

    bases = [lineage(chain.split(">"), f"parent-{index}") for index, chain in enumerate(parents.split())]
    add("child", license_, bases)
    return Snapshot(MemoryTree(files))


def opinion(license_: str, parents: str, use: Use) -> Opinion:
    snapshot = catalog(license_, parents)
    view = snapshot.model("child")
    model, record = view.model, view.version("1.0.0")
    assert model is not None and record is not None
    return licence_opinion(snapshot, book(), model, record, use, "child@1.0.0")


def named(row: Row) -> str:
    return " ".join(filter(None, (row["license"], row["use"], row["circumstances"], row["parents"])))


@pytest.mark.parametrize("row", [pytest.param(row, id=named(row)) for row in rows()])
def test_the_answer_and_its_clause(row: Row) -> None:
    found = opinion(row["license"], row["parents"], use_of(row["use"], row["circumstances"]))
    assert found.level == row["decision"], [reason.message for reason in found.reasons]
    if row["code"]:
        reasons = [one for one in found.reasons if one.code == row["code"] and one.level == found.level]
        assert reasons, [(one.code, one.level) for one in found.reasons]
        assert any(row["clause"] in one.clause for one in reasons), [one.clause for one in reasons]
    if row["code"] and row["code"] not in ("license-unknown", "unknown-parent"):
        assert all(one.clause for one in found.reasons if one.level == found.level)


def test_the_table_is_large_and_says_nothing_twice() -> None:
    found = [named(row) for row in rows()]
    assert len(set(found)) == len(found) >= 150
    assert {row["use"] for row in rows()} == {"commercial", "internal", "research"}
    assert {row["decision"] for row in rows()} == {"allow", "warn", "deny"}


@pytest.mark.parametrize(
    ("name", "commercial", "derivatives", "users"),
    [
        ("Apache-2.0", "allow", "allow", None),
        ("MIT", "allow", "allow", None),
        ("Llama-3.1-Community", "allow", "allow", 700_000_000),
        ("Mistral-Research", "deny", "allow", None),
        ("OpenAI-TOS", "deny", "deny", None),
    ],
)
def test_the_short_table_holds(name: str, commercial: str, derivatives: str, users: int | None) -> None:
    at, kind = users or 10**9, "research" if commercial == "deny" else "commercial"
    assert opinion(name, "", Use(kind="commercial", mau=at)).level == commercial
    assert opinion(name, "", Use(kind=kind, mau=at, derivative=True)).level == derivatives
    if users is not None:
        assert opinion(name, "", Use(kind="commercial", mau=users + 1)).level == "deny"


# ---- what must hold whatever the licences are

IDS = sorted(book().licenses)
licenses = st.sampled_from([*IDS, "nobody-knows"])
relations = st.sampled_from(["finetune", "adapter", "quantized", "merge", "distilled"])
parents_of = st.lists(st.tuples(licenses, relations), max_size=3)
uses = st.builds(
    Use,
    kind=st.sampled_from(["commercial", "internal", "research"]),
    mau=st.none() | st.sampled_from([1, 10**8, 10**8 + 1, 7 * 10**8, 7 * 10**8 + 1]),
    derivative=st.booleans(),
    redistribute=st.booleans(),
    api_only=st.booleans(),
    territory=st.none() | st.sampled_from(["US", "DE", "GB", "KR", "EU"]),
)


def written(parents: list[tuple[str, str]]) -> str:
    return " ".join(f"{license_}:{relation}" for license_, relation in parents)


def rank(found: Opinion) -> int:
    return RANK[found.level]


@given(licenses, parents_of, st.tuples(licenses, relations), uses)
def test_one_more_ancestor_never_loosens(
    license_: str, parents: list[tuple[str, str]], more: tuple[str, str], use: Use
) -> None:
    before = opinion(license_, written(parents), use)
    assert rank(opinion(license_, written([*parents, more]), use)) >= rank(before)


@given(licenses, parents_of, uses)
def test_the_order_of_parents_does_not_matter(
    license_: str, parents: list[tuple[str, str]], use: Use
) -> None:
    found = [opinion(license_, written(list(order)), use) for order in permutations(parents)]
    assert len({one.level for one in found}) == 1
    assert len({frozenset((one.code, one.level) for one in each.reasons) for each in found}) == 1


@given(parents_of, uses)
def test_unknown_never_allows(parents: list[tuple[str, str]], use: Use) -> None:
    assert opinion("nobody-knows", written(parents), use).level == "deny"
    assert opinion("MIT", written([*parents, ("nobody-knows", "merge")]), use).level == "deny"


restrictions = st.builds(
    LicenseRestrictions,
    commercial_use=st.none() | st.booleans(),
    derivatives=st.none() | st.booleans(),
    redistribution=st.none() | st.booleans(),
    monthly_active_users_limit=st.none() | st.sampled_from([1, 10**8, 7 * 10**8]),
)


@given(licenses, parents_of, restrictions, uses)
def test_a_restriction_never_loosens(
    license_: str, parents: list[tuple[str, str]], limits: LicenseRestrictions, use: Use
) -> None:
    snapshot = catalog(license_, written(parents))
    view = snapshot.model("child")
    model, record = view.model, view.version("1.0.0")
    assert model is not None and record is not None
    before = licence_opinion(snapshot, book(), model, record, use, "child@1.0.0")
    narrowed = model.model_copy(update={"license_restrictions": limits})
    frozen = record.model_copy(update={"license_restrictions": limits})
    for changed, version in ((narrowed, record), (model, frozen)):
        after = licence_opinion(snapshot, book(), changed, version, use, "child@1.0.0")
        assert rank(after) >= rank(before)


@given(licenses, uses, st.sampled_from(["derivative", "redistribute"]))
def test_wanting_more_never_loosens(license_: str, use: Use, more: str) -> None:
    less = replace(use, **{more: False})
    assert rank(opinion(license_, "", replace(use, **{more: True}))) >= rank(opinion(license_, "", less))


@given(licenses, uses, st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_users_never_loosen(license_: str, use: Use, one: int, other: int) -> None:
    few, many = sorted((one, other))
    more = opinion(license_, "", replace(use, mau=many))
    assert rank(more) >= rank(opinion(license_, "", replace(use, mau=few)))


@given(st.lists(licenses, min_size=1, max_size=3), uses)
def test_and_is_the_strictest_and_or_the_freest(names: list[str], use: Use) -> None:
    def judged(text: str) -> int:
        return rank(opinion_of(book().resolve(text).tree, book(), use))

    alone = [judged(name) for name in names]
    assert judged(" AND ".join(names)) == max(alone)
    assert judged(" OR ".join(names)) == min(alone)


def unreviewed() -> Iterator[str]:
    yield from (id_ for id_, record in book().licenses.items() if record.reviewed is None)


@given(st.sampled_from(sorted(unreviewed())), uses)
def test_unreviewed_terms_are_never_a_silent_yes(id_: str, use: Use) -> None:
    assert opinion(id_, "", use).level != "allow"
