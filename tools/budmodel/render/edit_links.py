"""Where a record can be changed and reported on the host of the repository: GitHub and Gitea, or GitLab."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from budmodel.render.filters import safe_url
from budmodel.schema.governance import CatalogInfo


@dataclass(frozen=True, slots=True)
class Host:
    """The repository on its host; without an address it gives no links."""

    address: str = ""
    branch: str = "main"

    @classmethod
    def of(cls, info: CatalogInfo | None) -> Host:
        """The host that ``catalog.yaml`` names."""
        if info is None or info.repository is None:
            return cls()
        return cls(safe_url(info.repository).rstrip("/").removesuffix(".git"), info.branch)

    def edit(self, path: str) -> str:
        """Where a file is edited; empty where the host is not known."""
        verb = "edit" if not self._gitlab else "-/edit"
        return self._to(f"{verb}/{quote(self.branch)}/{quote(path)}")

    def view(self, path: str) -> str:
        """Where a file is shown with its history."""
        verb = "blob" if not self._gitlab else "-/blob"
        return self._to(f"{verb}/{quote(self.branch)}/{quote(path)}")

    def commit(self, commit: str) -> str:
        """Where a commit is shown."""
        return self._to(f"{'commit' if not self._gitlab else '-/commit'}/{quote(commit)}")

    def report(self, name: str) -> str:
        """Where something wrong with a model is reported: the form ``report-model.yml`` on GitHub."""
        title = f"Report: {name}"
        if self._gitlab:
            return self._to(f"-/issues/new?{urlencode({'issue[title]': title})}")
        return self._to(f"issues/new?{urlencode({'template': 'report-model.yml', 'title': title})}")

    @property
    def _gitlab(self) -> bool:
        return "gitlab" in (urlsplit(self.address).hostname or "")

    def _to(self, rest: str) -> str:
        return f"{self.address}/{rest}" if self.address else ""
