"""Every exporter by the name of its format. The dict feeds the CLI without importing the members."""

from __future__ import annotations

from importlib import import_module

from budmodel.render.exports.interface import Exporter

EXPORTERS: dict[str, str] = {
    "cyclonedx": "budmodel.render.exports.cyclonedx:CycloneDx",
    "csv": "budmodel.render.exports.csv_table:CsvTable",
    "sqlite": "budmodel.render.exports.sqlite:Sqlite",
    "huggingface-card": "budmodel.render.exports.card:Card",
    "kubeflow": "budmodel.render.exports.kubeflow:Kubeflow",
}


def load(name: str) -> Exporter:
    """One exporter by the name of its format.

    Raises:
        KeyError: there is no such format.
    """
    module, _, attribute = EXPORTERS[name].partition(":")
    exporter: Exporter = getattr(import_module(module), attribute)()
    return exporter
