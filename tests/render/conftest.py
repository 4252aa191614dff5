"""One built site for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from render.site_catalog import build, make_catalog


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small catalog."""
    root = tmp_path_factory.mktemp("registry")
    make_catalog(root)
    return build(root, root / "build" / "site").output
