from pathlib import Path

import pytest

from render.exports.export_catalog import fill


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog that the tests only read."""
    folder = tmp_path_factory.mktemp("exported")
    fill(folder)
    return folder


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalog."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "catalog").mkdir()
    return folder
