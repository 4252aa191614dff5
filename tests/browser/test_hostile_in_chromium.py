"""A registry whose every text is hostile, in Chromium: nothing runs, nothing is asked of another host."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from budmodel.render.serve import serve
from render import hostile_site
from render.hostile_texts import PARTS, PRODUCT

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
LISTEN = """
window.broken = [];
window.pwned = () => window.broken.push("a script of a record ran");
document.addEventListener("securitypolicyviolation", (e) => window.broken.push(`policy: ${e.blockedURI}`));
for (const name of ["alert", "confirm", "prompt", "open"]) window[name] = () => window.broken.push(name);
"""
LOOK = """() => {
  const found = [...window.broken];
  const wanted = ".pwned, iframe, object, embed, base, [http-equiv=refresh]";
  if (document.querySelector(wanted)) found.push("an element");
  for (const one of document.querySelectorAll("*")) {
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on")) found.push(`${name}=${value}`);
      const address = ["href", "src", "action", "formaction", "xlink:href", "data"].includes(name);
      if (address && !/^https?:$/.test(new URL(value, location).protocol)) found.push(`${name}=${value}`);
    }
  }
  if (document.body.innerText.includes("PRODUCT")) found.push("a template was evaluated");
  if (document.querySelectorAll("h1").length !== 1) found.push("headings");
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push("wider than the window");
  return found;
}""".replace("PRODUCT", PRODUCT)
TOUCH = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  for (const one of document.querySelectorAll("body, body *")) {
    one.dispatchEvent(new MouseEvent("mouseover"));
    one.dispatchEvent(new FocusEvent("focus"));
  }
}"""
NAMES = hostile_site.NAMES
COMPARED = "&".join(f"m={name}" for name in NAMES)
WORDS = quote(PARTS[1] + PARTS[3])
PATHS = [
    "",
    *(f"models/{name}/" for name in NAMES),
    *(f"licenses/{id_}/" for id_ in hostile_site.LICENSES),
    "models/",
    f"models/?columns=task,tag,source,status,modality,license,gate&architecture=constructor&{COMPARED}",
    f"models/?words={WORDS}&tag={WORDS}&sort=__proto__&columns={WORDS}&page=1e9&m={WORDS}&__proto__=1",
    f"compare/?{COMPARED}",
    "changes/",
    "changes/?kind=security#%E0%A4%A",
    "licenses/",
    "leaderboard/",
    "leaderboard/#%E0%A4%A",
    f"leaderboard/#{WORDS}",
    "security/",
    "rules/",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The hostile site; takes the place of the small one in open_page."""
    root = tmp_path_factory.mktemp("hostile")
    hostile_site.make(root)
    site = hostile_site.build(root)
    ready: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 0, ready.put), daemon=True).start()
    yield ready.get(timeout=10)


@pytest.fixture(scope="module")
def page(browser: Any, address: str) -> Iterator[Any]:
    """One page that tells whatever went wrong on any of the addresses it visits."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.problems = []
    page.on("dialog", lambda dialog: (page.problems.append("dialog"), dialog.dismiss()))
    page.on("console", lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("popup", lambda other: page.problems.append(f"popup {other.url}"))
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:")) else page.problems.append(r.url)
    )
    yield page
    context.close()


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_nothing_of_it_comes_true(page: Any, address: str, path: str) -> None:
    page.problems.clear()
    page.goto("about:blank")
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    page.evaluate(TOUCH)
    assert page.evaluate(LOOK) + page.problems == []


def test_typing_hostile_text_into_the_searches_gives_text(page: Any, address: str) -> None:
    page.problems.clear()
    page.goto(address + "models/")
    page.wait_for_selector("html[data-models=ready]")
    for part in PARTS:
        page.get_by_label("Search models").fill(part)
    page.goto(address + "compare/")
    page.wait_for_selector("html[data-compare=ready]")
    page.get_by_label("Add a model").fill(NAMES[0])
    page.keyboard.press("Enter")
    page.wait_for_selector(".bm-compare")
    assert page.evaluate(LOOK) + page.problems == []


def test_the_search_of_the_documentation_shows_hostile_words_as_text(page: Any, address: str) -> None:
    page.problems.clear()
    page.goto(address + f"?q={WORDS}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LOOK) + page.problems == []
