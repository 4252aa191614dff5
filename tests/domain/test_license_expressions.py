"""Licence expressions: what is none is refused in words, whatever the library makes of it."""

from __future__ import annotations

import pytest

from budmodel.domain.licensing import ExpressionInvalidError, parse_expression


@pytest.mark.parametrize("text", ["()", "(())", "MIT AND ()"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalidError):
        parse_expression(text)
