"""Every reporter by the name of its format. The dict feeds the CLI without importing the members."""

from __future__ import annotations

from importlib import import_module

from budmodel.report.interface import Reporter

REPORTERS: dict[str, str] = {
    "text": "budmodel.report.text:Text",
    "json": "budmodel.report.json_format:Json",
    "sarif": "budmodel.report.sarif:Sarif",
    "github": "budmodel.report.github:Github",
    "junit": "budmodel.report.junit:Junit",
    "markdown": "budmodel.report.markdown:Markdown",
}


def load(name: str) -> Reporter:
    """One reporter by its name.

    Raises:
        KeyError: there is no such format.
    """
    module, _, attribute = REPORTERS[name].partition(":")
    reporter: Reporter = getattr(import_module(module), attribute)()
    return reporter
