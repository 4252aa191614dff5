"""The one door to boto3: its client, and calls whose every failure is one of our errors."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from budmodel.errors import UsageError
from budmodel.sources.s3_errors import code_of, explain

CONNECTIONS = 16
"""Requests at the same time."""
_CONNECT_SECONDS = 10
_READ_SECONDS = 60


@dataclass(frozen=True, slots=True)
class S3Client:
    """A bucket and the client that asks for it. boto3's clients may be shared by threads."""

    boto: Any
    bucket: str

    @property
    def endpoint(self) -> str | None:
        """The address that is asked."""
        return getattr(self.boto.meta, "endpoint_url", None)

    def ask(
        self,
        operation: str,
        where: str,
        *,
        pinned: bool = False,
        tolerated: Collection[str] = (),
        **arguments: Any,
    ) -> Any:
        """One call of S3 about the bucket; None where it answered with a tolerated error code.

        Raises:
            OutsideError, NotFoundError, UsageError: the call failed.
        """
        try:
            return getattr(self.boto, operation)(Bucket=self.bucket, **arguments)
        # Not only boto3's own classes come out of it: its parser stumbles over hostile XML with whatever
        # Python raises there, and nothing but this call stands in the block.
        except Exception as error:
            if code_of(error) in tolerated:
                return None
            # "from None": the foreign error's text may hold what a log must not.
            raise explain(error, where, self.endpoint, pinned=pinned) from None


def connect(bucket: str, endpoint_url: str | None) -> S3Client:
    """A client with boto3's own chain of credentials, configuration files and AWS_* variables.

    Raises:
        UsageError: the endpoint, profile or region is wrong.
    """
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]

    if endpoint_url is not None:
        _check_endpoint(endpoint_url, "--endpoint-url")
    try:
        boto = boto3.session.Session().client("s3", endpoint_url=endpoint_url, config=Config(**_settings()))
    except ValueError:
        raise UsageError(
            "The S3 endpoint (AWS_ENDPOINT_URL) or region is not well formed; write it as https://HOST:PORT."
        ) from None
    except Exception as error:
        raise explain(error, f"s3://{bucket}", endpoint_url) from None
    client = S3Client(boto, bucket)
    if endpoint_url is None and client.endpoint:
        _check_endpoint(client.endpoint, "AWS_ENDPOINT_URL")
    return client


def _settings() -> dict[str, Any]:
    settings: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _READ_SECONDS,
        "max_pool_connections": CONNECTIONS,
        # We hash what we read; a CRC of it beside that would cost half the speed.
        "response_checksum_validation": "when_required",
    }
    if "AWS_RETRY_MODE" not in os.environ:
        # It waits, longer each time, for SlowDown, 5xx and lost connections; AWS_MAX_ATTEMPTS sets how often.
        settings["retries"] = {"mode": "standard"}
    return settings


def _check_endpoint(url: str, name: str) -> None:
    try:
        parts = urlsplit(url)
        # The port is looked at here since it is parsed, and refused, only when it is asked for.
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        fine = fine and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        fine = False
    if not fine or any(ord(char) <= 32 for char in url):
        # The value is not repeated: it may hold a password.
        raise UsageError(
            f"{name} is not an endpoint; write https://HOST or http://HOST:PORT, without user and query."
        )
