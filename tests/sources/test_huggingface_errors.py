"""Whatever goes wrong on the way to the Hub becomes one sentence with the next step, without the token."""

from __future__ import annotations

import socket
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError
from budmodel.sources.hub_http import Patience
from budmodel.sources.huggingface import HuggingFaceSource, head, open_source
from sources.hub_server import HubServer

ID = "Acme/Tiny-1B"
FILES = {"config.json": b'{"a": 1}', "model.safetensors": bytes(range(256)) * 100}
QUICK = Patience(connect=1, read=0.4, whole=1.2, backoff=0.01, pause=2)
TOKEN = "hf_" + "S3cret" * 6


@pytest.fixture
def source(hub: HubServer) -> HuggingFaceSource:
    """A source of a small model, with a token."""
    hub.add(ID, FILES, lfs=["model.safetensors"])
    return open_source(ID, token=TOKEN, patience=QUICK)


def sentence(error: BudmodelError, exit_code: int = 4) -> str:
    """The message: one sentence, with the right exit code and without the token, also in a traceback."""
    text = str(error)
    assert error.exit_code == exit_code
    assert "\n" not in text and not text.endswith(".")
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert "signature=secret" not in text
    return text


def fails(call: Callable[[], Any], kind: type[BudmodelError] = OutsideError) -> str:
    with pytest.raises(BudmodelError) as caught:
        call()
    assert isinstance(caught.value, kind), caught.value
    return sentence(caught.value, 4 if issubclass(kind, OutsideError) else 2)


@pytest.mark.parametrize("status", [401, 403])
def test_gated(hub: HubServer, source: HuggingFaceSource, status: int) -> None:
    hub.refuse("/resolve/", status, "GatedRepo", "Access to model is restricted.")
    page = f"accept its terms at {hub.url}/{ID}"
    assert f"is gated and your account has no access; {page}" in fails(source.listing)
    anonymous = open_source(ID, patience=QUICK)
    assert fails(anonymous.listing) == f"{ID} is gated; {page}, then set HF_TOKEN to your token"


@pytest.mark.parametrize(("status", "code"), [(404, "RepoNotFound"), (401, "RepoNotFound"), (404, "")])
def test_unknown_id(hub: HubServer, source: HuggingFaceSource, status: int, code: str) -> None:
    hub.refuse("/api/models", status, code)
    assert "does not exist on 127.0.0.1, or is private and the token has no" in fails(
        source.listing, NotFoundError
    )
    anonymous = open_source(ID, patience=QUICK)
    assert "or is private or gated; check the id, or set HF_TOKEN" in fails(anonymous.listing, NotFoundError)


def test_401_without_a_code(hub: HubServer, source: HuggingFaceSource) -> None:
    hub.refuse("/api/models", 401, "", "Invalid credentials in Authorization header")
    assert "refused the token (it is invalid or has expired); make a new one at" in fails(source.listing)
    assert "set HF_TOKEN" in fails(open_source(ID, patience=QUICK).listing, NotFoundError)


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (403, "", "forbids Acme/Tiny-1B to this token; give it read access"),
        (403, "Access to this resource is disabled.", "The Hub has disabled Acme/Tiny-1B"),
        (400, f"bad {TOKEN}\x1b[31m", r"status 400 and says 'bad [redacted]\x1b[31m'; check HF_ENDPOINT"),
        (503, "", "failed with status 503 on Acme/Tiny-1B; try again later"),
        (304, "", "answers Acme/Tiny-1B with status 304"),
    ],
)
def test_other_refusals(
    hub: HubServer, source: HuggingFaceSource, status: int, message: str, expected: str
) -> None:
    hub.refuse("/api/models", status, "", message)
    assert expected in fails(source.listing)


def test_busy_is_waited_for(hub: HubServer, source: HuggingFaceSource) -> None:
    hub.refuse("/api/models", 429, times=1, Retry_After="0")
    hub.refuse("/api/models", 503, times=1)
    assert source.listing().files is not None
    hub.refuse("/cdn/", 429, times=1, RateLimit='"api";r=0;t=1')
    started = time.monotonic()
    assert source.read("model.safetensors", length=2) == b"\0\1"
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("dated", [True, False])
def test_busy_for_long(hub: HubServer, source: HuggingFaceSource, dated: bool) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=5)
    hub.refuse("/api/models", 429, Retry_After=format_datetime(moment, usegmt=True) if dated else "300")
    text = fails(source.listing)
    assert f"(429); try again after {moment:%Y-%m-%dT%H:}" in text
    assert len(hub.log) == 1


@pytest.mark.parametrize(("header", "when"), [("soon", "in some minutes"), ("9" * 40, "much later")])
def test_busy_without_a_usable_time(hub: HubServer, header: str, when: str) -> None:
    hub.refuse("/api/models", 429, Retry_After=header)
    assert f"try again {when}, or set HF_TOKEN for a higher limit" in fails(
        open_source(ID, patience=QUICK).listing
    )
    assert len(hub.log) <= 3


def test_an_answer_that_breaks_off(hub: HubServer, source: HuggingFaceSource) -> None:
    hub.cut("/api/models", b"[" * 100, after=10, times=2)
    hub.cut("resolve/.*/config.json", FILES["config.json"], after=3, times=2)
    assert source.listing().files is not None
    hub.cut("/cdn/", FILES["model.safetensors"], after=9, times=50)
    assert fails(lambda: source.read("model.safetensors")).startswith(
        "127.0.0.1 broke off while answering 'model"
    )


def test_slow_answers(hub: HubServer, source: HuggingFaceSource) -> None:
    slow = "127.0.0.1 was too slow to answer "
    hub.stall("/api/models", 1, times=1)
    assert fails(source.listing).startswith(slow + ID)
    drip = [b"x"] * 30
    hub.stall("resolve/.*/config.json", 0.2, pieces=drip)
    assert fails(lambda: hub_config(hub).read("config.json")).startswith(slow + "'config.json' of")


def hub_config(hub: HubServer) -> HuggingFaceSource:
    hub.add("Acme/Slow", {"config.json": b"x" * 30})
    return open_source("Acme/Slow", token=TOKEN, patience=QUICK)


@pytest.mark.parametrize(
    "body", [b"<html>Welcome to the hotel</html>", b"[" * 100_000, b'{"a": NaN}', b"\xff"]
)
def test_what_is_not_json(hub: HubServer, source: HuggingFaceSource, body: bytes) -> None:
    hub.answer("/api/models", body)
    assert "something that is not JSON; check HF_ENDPOINT and the proxy" in fails(source.listing)


def test_what_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        assert "127.0.0.1 cannot be reached; check" in fails(
            lambda: head(ID, endpoint=url, token=TOKEN, patience=QUICK)
        )


def test_a_name_that_does_not_resolve(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    call = lambda: head(ID, endpoint="https://hub.invalid", token=TOKEN, patience=QUICK)  # noqa: E731
    assert fails(call) == "The name hub.invalid cannot be resolved; check the network and HF_ENDPOINT"


def test_tls_to_a_server_that_has_none(hub: HubServer) -> None:
    url = hub.url.replace("http:", "https:")
    text = fails(lambda: head(ID, endpoint=url, token=TOKEN, patience=QUICK))
    assert text.startswith("The connection to 127.0.0.1 is not trusted (TLS failed); check clock, proxy")


def test_offline(hub: HubServer, source: HuggingFaceSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set; unset it" in fails(source.listing)
    assert hub.log == []


@pytest.mark.parametrize(
    "text",
    ["", "a/b/c", "../x", "a/..", "a/b--c", "a/b.git", "-a/b", "a b", "é/x", TOKEN + "/x y",
     "https://example.org/a/b", "https://huggingface.co/datasets/a/b", "https://huggingface.co/a/b/blob/main/x",
     "https://[/a", "https://huggingface.co/", "a/b@-x", "a/b@x..y", "a/b@x y"],
)  # fmt: skip
def test_bad_ids(hub: HubServer, text: str) -> None:
    fails(lambda: open_source(text), UsageError)


@pytest.mark.parametrize(
    "endpoint", ["ftp://x", "https://", "huggingface.co", f"https://u:{TOKEN}@h", "https://h?a=b"]
)
def test_bad_endpoints(endpoint: str) -> None:
    assert "HF_ENDPOINT" in fails(lambda: open_source(ID, endpoint=endpoint), UsageError)


def test_bad_tokens(hub: HubServer) -> None:
    assert "HF_TOKEN" in fails(lambda: open_source(ID, token=f"{TOKEN}\r\nX-Evil: 1"), UsageError)
