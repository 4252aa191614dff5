"""The errors a user can meet. Each says in one sentence what happened, where, and what to do next.

Exit codes (the contract, DESIGN §5): 1 the check says no, 2 usage or bad input, 3 a bug of ours,
4 something outside failed and nothing could be decided, 130 interrupted.
"""


class BudmodelError(Exception):
    """Base of every error that is shown to the user as a sentence and never as a traceback."""

    exit_code = 2


class UsageError(BudmodelError):
    """The command, its options or its input are wrong; nothing was written."""


class DataError(BudmodelError):
    """A record cannot be read or is invalid. The message begins with ``path:line:column``."""


class NotFoundError(BudmodelError):
    """A model, version, licence or file that was named does not exist."""


class ConflictError(BudmodelError):
    """The write was refused since the thing exists already, is immutable, or moved meanwhile."""


class GateError(BudmodelError):
    """The check says no."""

    exit_code = 1


class OutsideError(BudmodelError):
    """Something outside failed (Git, network, a daemon): could not decide, which is never a yes."""

    exit_code = 4
