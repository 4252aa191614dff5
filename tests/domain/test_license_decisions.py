"""The decision table: a question, the answer to it, and the clause that the answer comes from.

The rows were checked against the licences' texts where those could be read; ``test_license_texts.py`` proves
for most of them that what they rest on stands there, and names the licences whose text nobody read.
Parents are written ``LICENSE:RELATION``, several with a blank, a grandparent behind ``>``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_table import Row, book, catalog, named, opinion, rows, use_of

from budmodel.domain.license_decision import licence_opinion
from budmodel.domain.license_terms import opinion_of
from budmodel.domain.licensing import choices_left, symbols
from budmodel.domain.uses import RANK, Opinion, Use
from budmodel.schema.model import LicenseRestrictions


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


@given(st.lists(licenses, min_size=1, max_size=3), st.sets(licenses), uses)
def test_a_policy_leaves_fewer_choices_and_never_loosens(
    names: list[str], refused: set[str], use: Use
) -> None:
    tree = book().resolve(" OR ".join(names)).tree
    assert tree is not None
    accept = {name.casefold(): name not in refused for name in names}
    left = choices_left(tree, accept)
    assert rank(opinion_of(left, book(), use)) >= rank(opinion_of(tree, book(), use))
    if not refused.issuperset(names):
        assert not refused & set(symbols(left))
