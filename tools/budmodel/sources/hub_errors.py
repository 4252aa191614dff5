"""What the Hub's refusals and the network's failures mean, each in one sentence with the next step.

The Hub tells its refusals apart by the headers X-Error-Code and X-Error-Message (as
``huggingface_hub.utils.hf_raise_for_status`` reads them); a private, a missing and a gated repository look
alike to those who are not logged in. No sentence repeats an address that was asked (it may be signed).
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError
from budmodel.schema.values import format_timestamp
from budmodel.sources.hub_ids import quoted

_rate_limit = re.compile(r";\s*r\s*=\s*0\s*;\s*t\s*=\s*([0-9]{1,12})")


class RemoteFileMissingError(NotFoundError, OutsideError):
    """The Hub has no such file at this revision (also where its own listing names it).

    Both at once: to a reader of optional files it is simply absent; to a command it is a failure outside.
    """


class RevisionMissingError(UsageError):
    """The repository has no such branch, tag or commit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request was about: what every sentence names, and no more than that."""

    endpoint: str
    repo_id: str
    revision: str | None = None
    path: str | None = None
    token: str | None = None

    @property
    def host(self) -> str:
        """The Hub's host, as sentences name it."""
        return urlsplit(self.endpoint).hostname or "the Hub"

    @property
    def what(self) -> str:
        """The thing asked for."""
        return self.repo_id if self.path is None else f"{quoted(self.path)} of {self.repo_id}"

    def said(self, text: str) -> str:
        """What the other side said, without our token."""
        return quoted(text.replace(self.token, "[redacted]") if self.token else text)


def refusal(asked: Asked, status: int, headers: Mapping[str, str]) -> BudmodelError:
    """The error for an answer with a status of 400 or above. Header names are compared without case."""
    code = headers.get("x-error-code", "")
    message = headers.get("x-error-message", "")
    if code == "GatedRepo" or (status in (401, 403) and "restricted" in message.lower()):
        return _gated(asked)
    if message == "Access to this resource is disabled.":
        return OutsideError(
            f"The Hub has disabled {asked.repo_id}, so nothing of it can be read; import another"
        )
    if code == "RevisionNotFound":
        revision = quoted(asked.revision or "")
        return RevisionMissingError(
            f"{asked.repo_id} has no revision {revision}; name a branch, tag or commit"
        )
    if code == "RepoNotFound":
        return _not_found(asked)
    if code == "EntryNotFound" or (status == 404 and asked.path is not None):
        return missing_file(asked)
    return _by_status(asked, status, message)


def missing_file(asked: Asked) -> RemoteFileMissingError:
    """The error for a file that the Hub does not have."""
    return RemoteFileMissingError(f"{asked.host} has no file {asked.what}; check the path and the revision")


def _by_status(asked: Asked, status: int, message: str) -> BudmodelError:
    if status == 401 and asked.token:
        return OutsideError(
            f"{asked.host} refused the token (it is invalid or has expired); "
            f"make a new one at {asked.endpoint}/settings/tokens and set HF_TOKEN"
        )
    if status in (401, 404):
        return _not_found(asked)
    if status == 403 and asked.token:
        return OutsideError(
            f"{asked.host} forbids {asked.what} to this token; give it read access to the repository "
            f"at {asked.endpoint}/settings/tokens, or set another HF_TOKEN"
        )
    if status == 403:
        return OutsideError(f"{asked.host} forbids {asked.what}; set HF_TOKEN to a token with access")
    if status >= 500:
        return OutsideError(f"{asked.host} failed with status {status} on {asked.what}; try again later")
    said = f" and says {asked.said(message)}" if message else ""
    return OutsideError(
        f"{asked.host} answers {asked.what} with status {status}{said}; check HF_ENDPOINT, or try again later"
    )


def _gated(asked: Asked) -> OutsideError:
    page = f"{asked.endpoint}/{asked.repo_id}"
    if asked.token:
        return OutsideError(
            f"{asked.repo_id} is gated and your account has no access; accept its terms at {page}, "
            "and give the token in HF_TOKEN access to gated repositories"
        )
    return OutsideError(
        f"{asked.repo_id} is gated; accept its terms at {page}, then set HF_TOKEN to your token"
    )


def _not_found(asked: Asked) -> NotFoundError:
    if asked.token:
        return NotFoundError(
            f"{asked.repo_id} does not exist on {asked.host}, or is private and the token has no access; "
            "check the id and HF_TOKEN"
        )
    return NotFoundError(
        f"{asked.repo_id} does not exist on {asked.host}, or is private or gated; "
        "check the id, or set HF_TOKEN to a token with access"
    )


def too_many(asked: Asked, seconds: float | None, now: datetime) -> OutsideError:
    """The error for 429 where waiting takes too long, or has not helped."""
    if seconds is None:
        when = "in some minutes"
    elif seconds < timedelta(days=365).total_seconds():
        when = f"after {format_timestamp(now + timedelta(seconds=seconds + 1))}"
    else:
        when = "much later"
    advice = "" if asked.token else ", or set HF_TOKEN for a higher limit"
    return OutsideError(f"{asked.host} takes no more requests now (429); try again {when}{advice}")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, as Retry-After (RFC 9110 §10.2.3) or else the Hub's own RateLimit says."""

    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        limit = _rate_limit.search(headers.get("ratelimit", ""))
        return None if limit is None else float(limit[1])
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def failure(asked: Asked, error: BaseException) -> OutsideError:
    """The error for a request that got no whole answer: an exception of httpx2 or of the socket below it."""
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    host, causes = asked.host, list(_causes(error))
    if any(isinstance(cause, OfflineModeIsEnabled) for cause in causes):
        return OutsideError("The Hub is not asked since HF_HUB_OFFLINE is set; unset it to import from there")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return OutsideError(f"The name {host} cannot be resolved; check the network and HF_ENDPOINT")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return OutsideError(
            f"The connection to {host} is not trusted (TLS failed); check clock, proxy and SSL_CERT_FILE"
        )
    if isinstance(error, httpx2.TimeoutException):
        return OutsideError(f"{host} was too slow to answer {asked.what}; try again later")
    if isinstance(error, httpx2.ProxyError):
        return OutsideError(f"The proxy did not let {asked.what} through; check HTTPS_PROXY and NO_PROXY")
    if isinstance(error, httpx2.ConnectError):
        return OutsideError(f"{host} cannot be reached; check the network and HF_ENDPOINT")
    return OutsideError(f"{host} broke off while answering {asked.what}; try again")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
