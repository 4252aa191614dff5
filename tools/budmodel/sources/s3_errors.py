"""What S3 and boto3 can say, as one sentence of ours with the next step.

No text of the server and no text of boto3 is passed on: either can hold an access key id, a signed query, an
endpoint with a password in it, or whatever a hostile server likes to print. Only the error's code is kept,
and only if it looks like one.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_REGION = "set AWS_REGION to the bucket's region, or check --endpoint-url"
_LOGIN = "log in again (aws sso login), or get new keys"
_LATER = "try again later"
_KEYS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE"

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; a HEAD's code is its status.
_CODES: dict[str, str] = {
    **dict.fromkeys(
        ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403", "401", "Unauthorized"),
        "S3 denies access to {where}; its reader needs the permissions s3:ListBucket and s3:GetObject.",
    ),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId", "NotSignedUp"),
        f"S3 does not accept the credentials for {{where}}; {_KEYS}.",
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "RequestExpired"),
        f"The AWS session for {{where}} has expired or is not valid; {_LOGIN}.",
    ),
    **dict.fromkeys(
        (
            *("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "BadRequest", "400"),
            *("IllegalLocationConstraintException", "InvalidLocationConstraint", "301", "302", "307"),
        ),
        f"S3 wants {{where}} to be asked for in another region or at another address; {_REGION}.",
    ),
    **dict.fromkeys(
        ("SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded", "429"),
        f"S3 asks to slow down ({{where}}) and went on doing so after several tries; {_LATER}.",
    ),
    **dict.fromkeys(
        ("InternalError", "ServiceUnavailable", "500", "502", "503", "504", "BadGateway", "GatewayTimeout"),
        f"S3 failed by itself at {{where}} after several tries; {_LATER}.",
    ),
    **dict.fromkeys(
        ("RequestTimeout", "RequestTimeoutException"), f"S3 gave up waiting for us at {{where}}; {_LATER}."
    ),
    "RequestTimeTooSkewed": "The clocks of this machine and of S3 ({where}) differ too much; set the clock.",
    "InvalidObjectState": "{where} is archived (Glacier) and cannot be read; restore it, then import it.",
    "NotImplemented": "The store of {where} does not know what was asked; check that it speaks S3.",
}
_MISSING_BUCKET = ("NoSuchBucket", "InvalidBucketName")
_MOVED = frozenset(
    [
        *(
            "PreconditionFailed",
            "412",
            "NoSuchKey",
            "NoSuchVersion",
            "404",
            "NotFound",
            "InvalidRange",
            "416",
        ),
        # The answer for a version that is a delete marker.
        *("MethodNotAllowed", "405"),
    ]
)

# By class name, most special first along the class's bases, so that botocore is not imported for it.
_CLASSES: dict[str, tuple[type[BudmodelError], str]] = {
    "NoCredentialsError": (
        OutsideError,
        "There are no AWS credentials for {where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
        "AWS_PROFILE.",
    ),
    "PartialCredentialsError": (OutsideError, f"The AWS credentials for {{where}} are incomplete; {_KEYS}."),
    "CredentialRetrievalError": (
        OutsideError,
        "The AWS credentials for {where} could not be got; check the profile's credential_process or role.",
    ),
    "ProfileNotFound": (UsageError, "The AWS profile does not exist; check AWS_PROFILE and ~/.aws/config."),
    "ConfigParseError": (UsageError, "The AWS configuration cannot be read; correct ~/.aws/config."),
    "InvalidRegionError": (UsageError, "The AWS region is not well formed; check AWS_REGION."),
    "NoRegionError": (UsageError, "No AWS region is known for {where}; set AWS_REGION."),
    "ParamValidationError": (UsageError, "{where} is not a place that S3 can have; check bucket and prefix."),
    "TokenRetrievalError": (OutsideError, f"The AWS session for {{where}} could not be renewed; {_LOGIN}."),
    "SSOError": (OutsideError, f"The AWS session for {{where}} has expired or is not valid; {_LOGIN}."),
    "ProxyConnectionError": (
        OutsideError,
        "The proxy before {host} does not answer; check HTTPS_PROXY and HTTP_PROXY.",
    ),
    "SSLError": (
        OutsideError,
        "{host} has no certificate that this machine trusts, or does not speak TLS; "
        "check --endpoint-url and AWS_CA_BUNDLE.",
    ),
    "ConnectTimeoutError": (
        OutsideError,
        "{host} does not answer (timed out); check the endpoint and the network.",
    ),
    "ReadTimeoutError": (OutsideError, "{host} stopped answering in the middle; try again later."),
    "EndpointConnectionError": (
        OutsideError,
        "{host} cannot be reached; check --endpoint-url (or AWS_ENDPOINT_URL) and the network.",
    ),
    "ResponseStreamingError": (OutsideError, "{host} cut the connection again and again; try again later."),
    "IncompleteReadError": (OutsideError, "{host} cut the connection again and again; try again later."),
    "ConnectionClosedError": (OutsideError, "{host} closed the connection without answering; try again."),
    "HTTPClientError": (OutsideError, "The connection to {host} failed; try again later."),
    "ConnectionError": (OutsideError, "The connection to {host} failed; try again later."),
    "ResponseParserError": (
        OutsideError,
        "{host} answered something that is not S3; check --endpoint-url (or AWS_ENDPOINT_URL).",
    ),
}


def changed(where: str) -> OutsideError:
    """The object is no longer the one that was listed."""
    return OutsideError(f"{where} was changed or removed while it was read; run the command again.")


def code_of(error: BaseException) -> str | None:
    """The code of an answer of S3 (``NoSuchBucket``, or the status of a HEAD); None for any other error."""
    response: Any = getattr(error, "response", None)
    if not isinstance(response, dict):
        return None
    code = (response.get("Error") or {}).get("Code")
    if not isinstance(code, str) or not _CODE.match(code):
        code = str((response.get("ResponseMetadata") or {}).get("HTTPStatusCode", "unknown"))
    return code


def explain(error: Exception, where: str, endpoint: str | None, *, pinned: bool = False) -> BudmodelError:
    """What a foreign error means for the user.

    Args:
        error: what boto3, or the connection below it, raised.
        where: the URI that was asked for, escaped.
        endpoint: the address that was asked; only its host and port are shown.
        pinned: one listed object was asked for, so "no such" means that it changed.
    """
    if isinstance(error, BudmodelError):
        return error
    code = code_of(error)
    if code is not None:
        return _answer(code, where, pinned)
    for base in type(error).__mro__:
        if base.__name__ in _CLASSES:
            kind, sentence = _CLASSES[base.__name__]
            return kind(sentence.format(where=where, host=host_of(endpoint)))
    return OutsideError(
        f"{where} could not be read ({type(error).__name__}); check that {host_of(endpoint)} speaks S3."
    )


def _answer(code: str, where: str, pinned: bool) -> BudmodelError:
    if pinned and code in _MOVED:
        return changed(where)
    if code in _MISSING_BUCKET or code in ("404", "NotFound", "NoSuchKey"):
        return NotFoundError(f"The bucket of {where} does not exist; check its name and the endpoint.")
    sentence = _CODES.get(code, "S3 refuses to answer for {where} ({code}); ask its operator.")
    return OutsideError(sentence.format(where=where, code=code))


def host_of(endpoint: str | None) -> str:
    """Host and port of an address, without user, password, path and query."""
    try:
        parts = urlsplit(endpoint or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", host):
        return "the S3 endpoint"
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host
