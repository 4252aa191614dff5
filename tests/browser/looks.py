"""What a page can be measured by: axe, and whether it fits the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]

_WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((e) => e.getBoundingClientRect().right > clientWidth + 1);
  return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 100))];
}"""


def serious(open_page: Open, path: str, **options: Any) -> list[Any]:
    """What axe finds serious or critical on a page with everything unfolded."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    # The policy of the page would refuse axe itself.
    page = open_page(path, bypass_csp=True, **options)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations)")
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in bad]


def overflow(page: Any) -> list[str]:
    """How much wider than the window the page is, and what sticks out; empty where it fits."""
    return page.evaluate(_WIDE)  # type: ignore[no-any-return]
