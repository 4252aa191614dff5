"""What ``benchmark run`` measures agrees with the times that the server itself took of the same requests."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from budmodel.errors import OutsideError, UsageError
from budmodel.operations import load_run
from budmodel.operations.load_client import Answer, LoadClient
from budmodel.operations.load_endpoint import Endpoint, parse_endpoint
from budmodel.operations.load_plan import Load, LoadOptions, plan_loads
from budmodel.operations.load_prompts import read_prompts
from budmodel.operations.load_run import Run, run_load
from budmodel.operations.load_stats import percentile, remarks, rows, spread, summarise
from budmodel.operations.load_stream import MAX_EVENT, AnswerError, AnswerStream
from operations.openai_server import OpenAIServer, Times, openai_server

PROMPTS = ("first", "second", "third")
AGREE = 0.05
TRIES = 3
"""A machine that is busy may disturb one run; one that measures wrongly is wrong every time."""


def load(**options: Any) -> Load:
    return plan_loads(LoadOptions(**options))[0]


def run(
    server: OpenAIServer, level: Load, *, timeout: float = 60, max_tokens: int = 16, path: str = ""
) -> Run:
    endpoint = parse_endpoint(server.url + path, None, {})

    async def go() -> Run:
        async with LoadClient(endpoint, max_tokens=max_tokens, timeout=timeout, connections=100) as client:
            client.model = "llama-3"
            return await run_load(client, level, PROMPTS, lambda *_: None)

    return asyncio.run(go())


def ordered_percentile(values: Sequence[float], percent: int) -> float:
    """The same definition, written differently: between two neighbours, in hundredths."""
    ordered = sorted(values)
    whole, rest = divmod((len(ordered) - 1) * percent, 100)
    above = ordered[min(whole + 1, len(ordered) - 1)]
    return (ordered[whole] * (100 - rest) + above * rest) / 100


def true_values(times: Sequence[Times], due: Sequence[float]) -> dict[str, float]:
    """Milliseconds and tokens a second, as the server saw them; ``due``: when each request was to be sent."""
    spans = {
        "inference_latency": [one.done - at for one, at in zip(times, due, strict=True)],
        "time_to_first_token": [one.writes[0] - at for one, at in zip(times, due, strict=True)],
        "inter_token_latency": [gap for one in times for gap in one.gaps],
        "time_per_output_token": [sum(one.gaps) / len(one.gaps) for one in times],
    }
    found = {
        f"{name} {metric}": ordered_percentile(values, percent) * 1000
        for name, values in spans.items()
        for metric, percent in (("p50_ms", 50), ("p99_ms", 99))
        if len(values) >= 100
    }
    seconds = max(one.done for one in times) - min(due)
    found["throughput tokens_per_second"] = sum(len(one.writes) for one in times) / seconds
    return found


def assert_agrees(attempt: Any) -> None:
    """``attempt`` gives what was measured and what is true, by name."""
    for number in range(1, TRIES + 1):
        measured, true = attempt()
        assert set(measured) == set(true)
        apart = {name: (measured[name], true[name]) for name in true
                 if abs(measured[name] - true[name]) > AGREE * true[name]}  # fmt: skip
        if not apart:
            return
        assert number < TRIES, f"measured and true differ: {apart}"


def in_rows(measured: Run) -> dict[str, float]:
    return {f"{row.benchmark} {row.metric}": row.value for row in rows(summarise(measured), {})}


def test_closed_loop_agrees_with_the_server() -> None:
    # Most answers are ordinary, some are slow: the median and the 99th percentile are far apart.
    first = [0.4 if index % 25 == 7 else 0.1 + 0.002 * (index % 10) for index in range(50)]
    gaps = [0.2 if index % 40 == 3 else 0.05 for index in range(40)]

    def attempt() -> tuple[dict[str, float], dict[str, float]]:
        with openai_server(first=first, gaps=gaps, tokens=8) as server:
            measured = run(server, load(concurrency=(12,), requests=120))
            times = server.times()[-120:]
        assert [answer.tokens for answer in measured.answers] == [8] * 120
        return in_rows(measured), true_values(times, [one.received for one in times])

    assert_agrees(attempt)


def test_completions_agree_with_the_server_too() -> None:
    def attempt() -> tuple[dict[str, float], dict[str, float]]:
        with openai_server(first=[*[0.2] * 9, 0.5], gaps=[*[0.05] * 12, 0.2], tokens=4) as server:
            measured = run(server, load(concurrency=(10,), requests=100), path="/completions")
            times = server.times()[-100:]
        assert {one.path for one in times} == {"/v1/completions"}
        assert times[0].body["prompt"] in PROMPTS
        return in_rows(measured), true_values(times, [one.received for one in times])

    assert_agrees(attempt)


@pytest.mark.parametrize("most_open", [512, 1])
def test_open_loop_counts_from_when_a_request_was_due(
    monkeypatch: pytest.MonkeyPatch, most_open: int
) -> None:
    """A server that is too slow builds a queue, and every request in it waits, wherever the queue is.

    With one request open at a time the server never sees the queue: counted from the send it would seem fast,
    which is the error called coordinated omission.
    """
    monkeypatch.setattr(load_run, "MAX_CONCURRENCY", most_open)

    def attempt() -> tuple[dict[str, float], dict[str, float]]:
        with openai_server(first=[0.04], gaps=[0.02], tokens=3, at_once=1) as server:
            measured = run(server, load(rate=25.0, arrivals="constant", requests=100, warmup=1))
            times = sorted(server.times()[-100:], key=lambda one: one.done)
        due = sorted(answer.intended for answer in measured.answers)
        assert due == pytest.approx([due[0] + index / 25 for index in range(100)])
        true = true_values(times, due)
        service = ordered_percentile([one.done - one.writes[0] + 0.04 for one in times], 50) * 1000
        assert true["inference_latency p50_ms"] > 5 * service
        # The times between tokens, short here, are the subject of the tests above.
        kept = [
            name for name in true if name.startswith(("inference_latency", "time_to_first", "throughput"))
        ]
        found = in_rows(measured)
        return {name: found[name] for name in kept}, {name: true[name] for name in kept}

    assert_agrees(attempt)


def test_poisson_arrivals_are_the_same_every_time_and_of_the_stated_rate() -> None:
    plan = load(rate=50.0, requests=5000)
    offsets = list(plan.offsets())
    assert offsets == list(plan.offsets())
    assert offsets == sorted(offsets)
    assert len(offsets) / offsets[-1] == pytest.approx(50, rel=AGREE)
    gaps = [after - before for before, after in pairwise(offsets)]
    # Of an exponential distribution, the share beyond the mean is 1/e.
    assert sum(gap > 1 / 50 for gap in gaps) / len(gaps) == pytest.approx(0.3679, rel=AGREE)


def test_a_duration_ends_the_sending_and_waits_for_what_runs() -> None:
    with openai_server(first=[0.02]) as server:
        closed = run(server, load(concurrency=(2,), duration=0.3, warmup=0))
        opened = run(server, load(rate=20.0, arrivals="constant", duration=0.5, warmup=0))
        assert len(server.times()) == len(closed.answers) + len(opened.answers)
    assert len(opened.answers) == 10
    assert not any(answer.failure for answer in (*closed.answers, *opened.answers))
    assert closed.load.settings == {"duration_s": 0.3, "profile": "concurrent", "concurrency": 2}


def test_warm_up_is_asked_and_not_counted() -> None:
    with openai_server() as server:
        measured = run(server, load(concurrency=(3,), requests=4, warmup=5))
        assert len(server.times()) == 9
    assert len(measured.answers) == 4


def test_failed_requests_are_counted_and_part_of_no_time() -> None:
    with openai_server(first=[0.05], faults=["", "busy", "", "empty"]) as server:
        measured = summarise(run(server, load(requests=8, warmup=0)))
    assert measured.failures == {"HTTP 503": 2, "an answer without text": 2}
    assert (measured.answered, measured.failed) == (4, 4)
    assert measured.spreads["inference_latency"].samples == 4
    assert all(row.settings["failed_requests"] == 4 for row in rows(measured, {}))
    assert "1 at once: 4 of 8 requests failed (2 × HTTP 503, 2 × an answer without text)" in remarks(measured)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("busy", "HTTP 503"),
        ("redirect", "a redirect"),
        ("not_streamed", "an answer that is not streamed"),
        ("compressed", "an answer that is compressed, unasked"),
        ("no_end", "an answer far longer than asked for"),
        ("no_end_of_comments", "an answer far larger than asked for"),
        ("huge_line", "an answer far larger than asked for"),
        ("huge_header", "the connection broke off"),
        ("drip", "no end in time"),
        ("silent", "no end in time"),
        ("not_utf8", "an event that is not JSON"),
        ("no_json", "an answer far larger than asked for"),
        ("error", "an error in the middle of an answer"),
        ("empty", "an answer without text"),
        ("lies", "a count of tokens far beyond what was asked for"),
        ("breaks_off", "the connection broke off"),
        ("ends_early", "an answer that broke off"),
        ("chunks_of_garbage", "the connection broke off"),
        ("no_http", "the connection broke off"),
    ],
)
def test_a_hostile_server_is_a_failed_request(fault: str, reason: str) -> None:
    slow = fault in ("drip", "silent")
    with openai_server(faults=[fault]) as server:
        measured = run(server, load(requests=2, warmup=0), timeout=0.5 if slow else 60, max_tokens=4)
        assert [one.path for one in server.times()] == ["/v1/chat/completions"] * 2
    assert [answer.failure for answer in measured.answers] == [reason] * 2


def test_an_answer_counts_although_its_response_never_ends() -> None:
    with openai_server(faults=["never_closes"]) as server:
        (answer,) = run(server, load(requests=1, warmup=0)).answers
        (times,) = server.times()
    assert (answer.failure, answer.pieces) == ("", 1)
    # Not when we gave up on the rest, which is a second later: the end of the answer counts.
    assert answer.ended - times.done < 0.5


def test_https_is_measured_where_the_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = own_certificate(tmp_path)
    with openai_server(tls=[str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")], tokens=8) as server:
        refused = run(server, load(requests=1, warmup=0))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        measured = run(server, load(concurrency=(4,), requests=20, warmup=0))
        assert len(server.times()) == 20
    assert [answer.failure for answer in refused.answers] == ["no connection"]
    assert {(answer.failure, answer.pieces) for answer in measured.answers} == {("", 8)}


def own_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.now(UTC) - timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=2))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem"


def test_a_server_that_is_gone_ends_the_run() -> None:
    with openai_server() as server:
        pass
    with pytest.raises(OutsideError, match=r"100 requests failed one after the other \(no connection\)"):
        run(server, load(requests=1000, warmup=0))


@pytest.mark.parametrize("level", [{"concurrency": (4,)}, {"rate": 5000.0}])
def test_a_server_that_always_refuses_ends_the_run(level: Any) -> None:
    with openai_server(faults=["busy"]) as server:
        with pytest.raises(OutsideError, match=r"100 requests failed one after the other \(HTTP 503\)"):
            run(server, load(duration=600.0, warmup=0, **level))
        # Those that were under way when the hundredth failed may come on top.
        assert len(server.times()) < 100 + 512 + 1


def test_pieces_are_counted_where_the_server_does_not_count_and_it_is_said() -> None:
    with openai_server(usage=False, tokens=5) as server:
        measured = summarise(run(server, load(requests=2, warmup=0)))
    assert sum(answer.generated for answer in measured.run.answers) == 10
    assert {row.settings["tokens_counted"] for row in rows(measured, {})} == {"pieces"}
    assert any("did not count the tokens of 2 of 2 answers" in said for said in remarks(measured))


def test_several_tokens_at_once_are_said() -> None:
    with openai_server(tokens=4, count=8) as server:
        measured = summarise(run(server, load(requests=2, warmup=0)))
    assert sum(answer.generated for answer in measured.run.answers) == 16
    assert any("sends 2.0 tokens at once" in said for said in remarks(measured))


def test_a_server_that_refuses_to_count_is_asked_without() -> None:
    endpoint_of = {}

    async def go(server: OpenAIServer) -> None:
        endpoint = parse_endpoint(server.url, None, {})
        async with LoadClient(endpoint, max_tokens=4, timeout=60, connections=2) as client:
            await client.settle("x")
            endpoint_of["answer"] = await client.ask("x")

    with openai_server(faults=["wrong_request", "", ""]) as server:
        asyncio.run(go(server))
        asked = [one.body for one in server.times()]
    assert ["stream_options" in body for body in asked] == [True, False, False]
    assert endpoint_of["answer"].failure == ""


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("missing", "does not take requests .HTTP 404.; check --model"),
        ("redirect", "does not take requests .a redirect.; name the address"),
        ("wrong_request", "does not take requests .HTTP 400.; see its log"),
        ("not_streamed", "must stream server-sent events"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_is_refused_before_the_run(fault: str, sentence: str) -> None:
    async def go(server: OpenAIServer) -> None:
        endpoint = parse_endpoint(server.url, None, {})
        async with LoadClient(endpoint, max_tokens=4, timeout=60, connections=2) as client:
            await client.settle("x")

    with openai_server(faults=[fault]) as server, pytest.raises(OutsideError, match=sentence):
        asyncio.run(go(server))


def answers(latencies: Sequence[float]) -> Run:
    made = [
        Answer(
            intended=0.0, sent=0.0, ended=s, first=s / 2, last=s, pieces=2, gaps=array("d", [s / 2]), tokens=2
        )
        for s in latencies
    ]
    return Run(load=load(requests=len(made)), answers=tuple(made), lateness=())


def test_p99_needs_a_hundred_samples() -> None:
    few = summarise(answers([0.1] * 99))
    assert few.spreads["inference_latency"].p99 is None
    assert not any(row.metric == "p99_ms" for row in rows(few, {}))
    (said,) = remarks(few)
    assert said == (
        "1 at once: P99 of latency, time to first token, inter-token latency, time per output token "
        "is not recorded: it needs 100 samples, and there are 99"
    )
    enough = summarise(answers([0.1] * 100))
    assert enough.spreads["inference_latency"].p99 == 100.0
    assert list(remarks(enough)) == []
    assert {row.samples for row in rows(enough, {})} == {100}


def test_a_late_measuring_machine_is_said() -> None:
    measured = summarise(replace(answers([0.1] * 100), lateness=(0.001,) * 90 + (0.05,) * 10))
    assert list(remarks(measured)) == [
        "1 at once: this machine itself was up to 50 ms late (P99); measure from an idle one, or "
        "with less load"
    ]


TIMES = st.lists(st.floats(0, 1e5, allow_subnormal=False), min_size=1, max_size=300)


@given(TIMES, st.integers(0, 100))
def test_percentiles_are_those_of_the_other_definition(values: list[float], percent: int) -> None:
    found = percentile(sorted(values), percent / 100)
    assert found == pytest.approx(ordered_percentile(values, percent), rel=1e-6, abs=1e-9)
    assert min(values) <= found <= max(values)


@given(TIMES)
def test_the_median_never_lies_above_the_99th_percentile(values: list[float]) -> None:
    found = spread(values)
    assert found is not None
    assert found.samples == len(values)
    assert found.p99 is None or found.p50 <= found.p99
    assert (found.p99 is None) == (len(values) < 100)


def chunk(text: str, **more: Any) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}, **more}]})


@given(
    cuts=st.lists(st.integers(0, 400)),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    comment=st.sampled_from(["", ": ping", "id: 7", "retry"]),
)
def test_how_the_bytes_are_cut_makes_no_difference(cuts: list[int], ending: str, comment: str) -> None:
    lines = [comment, chunk("naïve"), "", chunk("b"), "", chunk("", finish_reason="stop"), ""]
    lines += ['data: {"usage":', 'data:  {"completion_tokens": 2}}', "", "data: [DONE]", "", ""]
    raw = ending.join(lines).encode()
    stream = AnswerStream(4)
    places = [0, *sorted(place for place in cuts if place < len(raw)), len(raw)]
    for moment, (begin, end) in enumerate(pairwise(places)):
        stream.feed(raw[begin:end], moment)
    stream.close(len(places))
    assert (stream.pieces, stream.tokens, len(stream.gaps), stream.done) == (2, 2, 1, True)
    assert stream.first is not None and stream.ended is not None
    assert stream.first <= stream.last <= stream.ended


@given(st.lists(st.binary(max_size=300) | st.sampled_from([b"data: ", b"\n\n", b'{"choices":[{}]}'])))
def test_any_bytes_are_an_answer_or_a_reason(pieces: list[bytes]) -> None:
    stream = AnswerStream(4)
    try:
        for piece in pieces:
            stream.feed(piece, 1.0)
        stream.close(1.0)
    except AnswerError:
        return
    assert stream.first is not None


def test_an_event_has_a_limit() -> None:
    stream = AnswerStream(10_000)
    with pytest.raises(AnswerError, match="an event that is too large"):
        for _ in range(MAX_EVENT // 1000 + 2):
            stream.feed(b"data: " + b"x" * 993 + b"\n", 0.0)


@pytest.mark.parametrize(
    ("text", "host", "url"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000/v1/chat/completions"),
        ("https://Models.Example/v1/", "models.example", "https://models.example/v1/chat/completions"),
        ("http://[::1]:80/v1/completions", "[::1]:80", "http://[::1]:80/v1/completions"),
        ("https://h/openai/v1/chat/completions", "h", "https://h/openai/v1/chat/completions"),
        ("https://h/v1?api-version=2#x", "h", "https://h/v1/chat/completions?api-version=2"),
    ],
)
def test_endpoints(text: str, host: str, url: str) -> None:
    found = parse_endpoint(text, None, {})
    assert (found.host, found.url, found.chat) == (host, url, not url.endswith("v1/completions"))
    assert url not in repr(found)


@pytest.mark.parametrize(
    "text",
    ["", "h:8000/v1", "ftp://h/v1", "file:///etc/passwd", "http://", "http://h:99999/v1", "http://h/a b",
     "http://h\nx/", "http://[::1/v1", "http://<b>/", "http://ü/"],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_endpoint(text, None, {})
    assert str(caught.value) == "--endpoint must be an http(s) address, such as http://127.0.0.1:8000/v1"


def test_secrets_in_the_wrong_place_are_refused_without_repeating_them() -> None:
    for endpoint, variable, environment in (
        ("http://user:hunter2@h/v1", None, {}),
        ("http://h/v1", "hunter2", {}),
        ("http://h/v1", "KEY", {"KEY": ""}),
        ("http://h/v1", "KEY", {"KEY": "hunter2\r\nX-Evil: 1"}),
    ):
        with pytest.raises(UsageError) as caught:
            parse_endpoint(endpoint, variable, environment)
        assert "hunter2" not in str(caught.value)


def test_a_key_is_known_to_travel_in_the_clear() -> None:
    def found(url: str) -> Endpoint:
        return parse_endpoint(url, "KEY", {"KEY": "secret"})

    assert found("http://10.0.0.7/v1").key_in_the_clear
    assert not found("https://10.0.0.7/v1").key_in_the_clear
    assert not found("http://127.0.0.1:8000/v1").key_in_the_clear
    assert "secret" not in repr(found("http://h/v1"))


def test_options_that_contradict_each_other_are_refused() -> None:
    for options, sentence in (
        ({"rate": 1.0, "concurrency": (4,)}, "--rate"),
        ({"requests": 5, "duration": 1.0}, "--requests and --duration"),
        ({"requests": 10_000, "max_tokens": 32_768}, "state at most 152 requests"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load(**options)


def test_levels_are_measured_in_their_order_and_once() -> None:
    plans = plan_loads(LoadOptions(concurrency=(4, 1, 4)))
    assert [(plan.concurrency, plan.requests, plan.warmup) for plan in plans] == [(4, 120, 4), (1, 120, 1)]


def test_builtin_prompts_are_many_different_and_ours() -> None:
    prompts = read_prompts("builtin")
    assert len(prompts.texts) == len(set(prompts.texts)) == 64
    assert prompts == read_prompts("builtin")
    # Results name the set: who changes it makes later results another measurement, and should know.
    assert prompts.dataset == "builtin-bc958ec9"


def test_prompts_of_a_file(tmp_path: Path) -> None:
    plain, lines = tmp_path / "My prompts.v1.txt", tmp_path / "mine.jsonl"
    plain.write_text("# not this\n\nOne é\n  Two  \n", encoding="utf-8")
    lines.write_text('"One é"\n\n{"prompt": "Two"}\n')
    assert read_prompts(str(plain)).texts == read_prompts(str(lines)).texts == ("One é", "Two")
    name, _, digest = read_prompts(str(plain)).dataset.rpartition("-")
    assert (name, read_prompts(str(lines)).dataset) == ("My-prompts", f"mine-{digest}")


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("a.txt", b"", "holds no prompt"),
        ("a.txt", b"\xff", "not UTF-8"),
        ("a.jsonl", b'"x"\n[1]', "a.jsonl:2: no prompt"),
        ("a.jsonl", b'"\\ud800"', "a.jsonl:1: no prompt"),
        ("a.jsonl", b"[" * 100_000, "a.jsonl:1: no prompt"),
        ("a.txt", b"x" * (1 << 21), "longer than"),
    ],
)
def test_prompts_that_cannot_be_used(tmp_path: Path, name: str, raw: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(UsageError, match=sentence):
        read_prompts(str(path))
    with pytest.raises(UsageError, match="cannot read"):
        read_prompts(str(tmp_path))
