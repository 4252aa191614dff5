"""Who is at work, as Git knows it."""

from __future__ import annotations

import getpass

from budmodel.errors import BudmodelError, UsageError
from budmodel.operations.workspace import Workspace


def who(workspace: Workspace) -> str:
    """The user that Git would name as author: ``Name <mail>``; without Git the login.

    Raises:
        UsageError: neither is known.
    """
    if workspace.repository is not None:
        try:
            # git var: "Name <mail> seconds zone" (git-var(1)).
            ident = workspace.repository._git("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace")
            return ident.rpartition(">")[0] + ">"
        except BudmodelError:
            raise UsageError("Git does not know who you are; say who removes it with --by NAME") from None
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("nobody is logged in; say who removes it with --by NAME") from None
