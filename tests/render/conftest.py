"""Built sites for all tests that only read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from render import hostile_site
from render.hostile_texts import free_fields
from render.site_catalog import build, make_catalog


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small catalog."""
    root = tmp_path_factory.mktemp("registry")
    make_catalog(root)
    return build(root, root / "build" / "site").output


@pytest.fixture(scope="session")
def hostile_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry whose every text is hostile, with its site in ``build/site``. Tests only read it."""
    root = tmp_path_factory.mktemp("hostile")
    free = hostile_site.make(root)
    assert free == set(free_fields(hostile_site.RECORDS)), "a field that takes text is not poisoned"
    hostile_site.build(root, "--site-url", "https://site.example/repo/")
    return root
