from pathlib import Path

import pytest

from cli.small_catalog import Registry, fill


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache, editor, identity or registry of the machine reaches a test."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in ("BUDMODEL_ROOT", "VISUAL", "EDITOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Registry:
    """A registry without models."""
    root = tmp_path / "registry"
    (root / "catalog").mkdir(parents=True)
    return Registry(root, capsys)


@pytest.fixture
def registry(empty: Registry) -> Registry:
    """A registry with three models and two licences, without Git."""
    return fill(empty)
