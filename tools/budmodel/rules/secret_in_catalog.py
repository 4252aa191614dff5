"""secret-in-catalog: a file holds what looks like a credential. It is never printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budmodel.domain.credentials import secrets_in
from budmodel.findings import Finding
from budmodel.rules.hiding import without_escapes
from budmodel.rules.interface import Context, EntryRule
from budmodel.store.entries import Entry


class SecretInCatalog(EntryRule):
    """Looks at the bytes, so that comments, licence texts and unreadable files are searched as well."""

    id = "secret-in-catalog"
    title = "A file holds a credential"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each line and kind of credential."""
        for secret in secrets_in(without_escapes(subject.raw)):
            yield self.finding(
                subject.path,
                f"this line holds what looks like {secret.kind}",
                fix="revoke it first, as Git keeps every commit; then remove it from the file",
                line=secret.line,
                column=secret.column,
            )
