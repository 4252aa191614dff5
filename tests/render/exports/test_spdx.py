"""Licences in the words of SPDX: valid, and never another licence than the catalog's."""

from __future__ import annotations

from pathlib import Path

from cyclonedx.spdx import is_supported_id
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression

from budmodel.render.exports.spdx import _ids, expression, reference, spdx_id
from budmodel.schema.values import LICENSE_PATTERN
from render.exports.export_catalog import catalog_of

OWN = catalog_of(Path(__file__).parents[3])


def test_every_id_is_one_of_cyclonedx() -> None:
    """CycloneDX 1.6 lists the ids that a licence may have; a newer library must not bring others."""
    assert [id_ for id_ in _ids().values() if not is_supported_id(id_)] == []


def test_every_licence_of_the_project_has_a_valid_expression() -> None:
    for id_ in OWN.book.licenses:
        text = expression(OWN, id_)
        assert canonicalize_license_expression(text) == text
        assert text == id_ if spdx_id(id_) else text == f"LicenseRef-{id_}"


def test_aliases_and_case_lead_to_the_id() -> None:
    assert expression(OWN, "APACHE-2.0") == "Apache-2.0"
    assert expression(OWN, "llama3.1") == "LicenseRef-llama-3.1-community"
    assert expression(OWN, "mit or (apache-2.0 and GEMMA)") == "MIT OR (Apache-2.0 AND LicenseRef-gemma)"


def test_what_is_unknown_is_a_reference() -> None:
    assert expression(OWN, "nobody_knows+it") == "LicenseRef-nobody-knows-it"
    assert expression(OWN, "MIT WITH nothing") == "LicenseRef-MIT-WITH-nothing"
    assert reference("LicenseRef-x") == "LicenseRef-x"


@given(st.from_regex(LICENSE_PATTERN, fullmatch=True))
def test_whatever_a_record_may_say_becomes_a_valid_expression(text: str) -> None:
    assert canonicalize_license_expression(expression(OWN, text))
