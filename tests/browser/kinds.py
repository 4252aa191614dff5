"""One address of each kind of page, of the small catalog's site (tests/render/site_catalog.py)."""

from __future__ import annotations

KINDS = {
    "home": "",
    "models": "models/",
    "model": "models/passed/",
    "model with versions": "models/failed/",
    "compare": "compare/?m=passed&m=waived",
    "licences": "licenses/",
    "licence": "licenses/llama-3.1-community/",
    "security": "security/",
    "leaderboard": "leaderboard/",
    "changes": "changes/",
    "support": "support/",
    "rules": "rules/",
    "rule": "rules/scan-missing/",
    "reference": "reference/cli/",
    "guide": "guides/gate/",
    "about": "about/",
    "not found": "404.html",
}
