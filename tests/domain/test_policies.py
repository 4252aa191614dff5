"""Licence and source policy, suggestions and quoting: pure decisions."""

from __future__ import annotations

import time

import pytest

from budmodel.domain.license_policy import accepted_names
from budmodel.domain.licensing import LicenseBook
from budmodel.domain.lineage import Lineage
from budmodel.domain.quoting import one_line
from budmodel.domain.source_policy import host_problems, hub_problems, location_problems
from budmodel.domain.suggest import nearest
from budmodel.schema.governance import DeniedItem, LicensePolicy, Policy, SourcePolicy
from budmodel.schema.license import License

BOOK = LicenseBook.of(
    License.model_validate({"id": id_, "name": id_, "aliases": aliases, "source": "test"})
    for id_, aliases in (("MIT", ["expat"]), ("Apache-2.0", []), ("GPL-3.0-only", ["gpl3"]))
)


def holds(expression: str, policy: LicensePolicy) -> bool:
    accepted = accepted_names(BOOK, policy)
    assert accepted is not None
    return BOOK.resolve(expression).acceptable(accepted)


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("expat", True),
        ("Expat OR gpl3", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (GPL-3.0-only OR Apache-2.0)", True),
        ("GPL-3.0-only", False),
        ("MIT AND unheard-of", False),
        ("MIT OR unheard-of", True),
        ("unheard-of", False),
        ("MIT WITH unheard-of", False),
        ("(", False),
    ],
)
def test_expressions_are_evaluated(expression: str, allowed: bool) -> None:
    assert holds(expression, LicensePolicy(allowed=["Expat OR Apache-2.0"])) is allowed


def test_denied_wins_over_allowed_and_an_empty_list_allows_nothing() -> None:
    assert not holds("MIT", LicensePolicy(allowed=["MIT"], denied=["expat"]))
    assert not holds("MIT", LicensePolicy(allowed=[]))
    assert holds("MIT", LicensePolicy(denied=["gpl3"]))
    assert accepted_names(BOOK, LicensePolicy()) is None


POLICY = Policy(
    sources=SourcePolicy(hub_organisations=["Acme"], buckets=["models"], hosts=["api.example.org"]),
    denied=[
        DeniedItem(source="acme/bad", reason="Backdoor."),
        DeniedItem(source="s3://models/old", reason="Leaked."),
    ],
)


@pytest.mark.parametrize(
    ("uri", "problems"),
    [
        ("s3://models/new/1.0.0/", 0),
        ("s3://models/older/", 0),
        ("s3://models/old/1.0.0/", 1),
        ("s3://models/old", 1),
        ("s3://elsewhere/x", 1),
        ("s3://Models/x", 1),
        ("hf://acme/tiny/model.safetensors", 0),
        ("hf://acme/tiny@main/x", 0),
        ("hf://ACME/Bad@main/x", 1),
        ("hf://other/tiny", 1),
        ("file:///home/jane/x", 1),
    ],
)
def test_locations(uri: str, problems: int) -> None:
    assert len(list(location_problems(uri, POLICY))) == problems


def test_without_lists_only_file_locations_are_refused() -> None:
    assert not list(location_problems("s3://anything/x", Policy()))
    assert not list(hub_problems("anyone/x", Policy()))
    assert not list(host_problems("https://anywhere.example/", SourcePolicy()))
    assert list(location_problems("file:///x", Policy()))


@pytest.mark.parametrize(
    ("model_id", "problems"), [("acme/x", 0), ("ACME/x", 0), ("acme/bad", 1), ("gpt2", 1), ("acme-labs/x", 1)]
)
def test_hub_ids(model_id: str, problems: int) -> None:
    assert len(list(hub_problems(model_id, POLICY))) == problems


def test_hosts_are_compared_without_port_and_case() -> None:
    assert not list(host_problems("https://API.example.org:8443/v1", POLICY.sources))
    assert list(host_problems("https://api.example.org.evil.example/", POLICY.sources))


def test_nearest() -> None:
    assert nearest("apache2.0", ["apache-2.0", "mit"]) == "apache-2.0"
    assert nearest("lama-3.1-70b", ["llama-3.1-70b", "llama-2-7b"]) == "llama-3.1-70b"
    assert nearest("something-else", ["mit"]) is None


def test_nearest_stays_cheap_in_a_large_catalog() -> None:
    names = [f"model-with-one-prefix-{number:05}" for number in range(10_000)]
    start = time.perf_counter()
    nearest("model-with-one-prefix-0x123", names)
    assert time.perf_counter() - start < 0.5


def test_one_line() -> None:
    assert one_line("Broken\n  tokenizer.") == "Broken tokenizer"
    assert len(one_line("x" * 1000)) == 200


def test_cycles_are_the_shortest_and_a_long_chain_is_cheap() -> None:
    assert Lineage({"a": ("b", "c"), "b": ("c",), "c": ("a",)}).cycle_through("a") == ("a", "c", "a")
    assert Lineage({"a": ("a",)}).cycle_through("a") == ("a", "a")
    assert Lineage({"a": ("b",), "b": ("c",), "c": ("b",)}).cycle_through("a") is None
    chain = Lineage({f"m{number}": (f"m{number + 1}",) for number in range(50_000)})
    start = time.perf_counter()
    assert chain.cycle_through("m0") is None
    assert time.perf_counter() - start < 1
