"""Every source by its name; the dict feeds the CLI's choices without importing the members."""

from __future__ import annotations

SOURCES: dict[str, str] = {
    "huggingface": "budmodel.sources.huggingface:open_source",
    "s3": "budmodel.sources.s3:open_source",
    "local": "budmodel.sources.local:open_source",
}
