"""``budmodel benchmark run``, as a user runs it, against a server of our own on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from budmodel.operations import import_progress
from cli.small_catalog import NOW, Outcome, Registry
from operations.openai_server import OpenAIServer, openai_server

CATALOG = Path(__file__).parents[2] / "catalog"
KEY = "sk-test-1234567890-abcdefghij"
STATED = ("--hardware", "h100:2", "--engine", "vllm:0.11.0")


@pytest.fixture
def speed(registry: Registry) -> Registry:
    """A registry that knows the benchmarks of speed and accelerators."""
    for name in ("benchmarks.yaml", "hardware.yaml"):
        registry.write(name, (CATALOG / name).read_text(encoding="utf-8"))
    return registry


def measure(registry: Registry, server: OpenAIServer, *options: str, url: str = "") -> Outcome:
    return registry(
        "benchmark", "run", "llama-3", "--endpoint", url or server.url, "--now", NOW, *STATED, *options
    )


def recorded(registry: Registry) -> list[dict[str, Any]]:
    """All rows of all sets of results."""
    found = [raw for path, raw in registry.files().items() if "/benchmarks/" in path]
    return [row for raw in found for row in yaml.safe_load(raw)["results"]]


def test_levels_are_recorded_as_sets_of_rows_with_their_own_settings(speed: Registry) -> None:
    with openai_server(tokens=5, gaps=[0.002]) as server:
        outcome = measure(speed, server, "--concurrency", "1,4", "--requests", "100", "--max-tokens", "8")
        host = server.url.removeprefix("http://").removesuffix("/v1")
        # One to see whether it answers, and for each level the warm-up and the requests.
        assert len(server.times()) == 1 + 1 + 100 + 4 + 100
    # A busy machine is told so, which is no fault of the run.
    said = [line for line in outcome.err.splitlines() if "this machine itself was up to" not in line]
    assert (outcome.code, said) == (0, [])
    (path,) = [path for path in speed.files() if "/benchmarks/" in path]
    assert path.startswith("catalog/models/llama-3/benchmarks/1.0.0/2026-11-22-budmodel-")
    rows = recorded(speed)
    assert [(row["settings"]["concurrency"], row["benchmark"], row["metric"]) for row in rows] == [
        (level, benchmark, metric)
        for level in (1, 4)
        for benchmark, metrics in (
            ("throughput", ["tokens_per_second"]),
            ("inference_latency", ["p50_ms", "p99_ms"]),
            ("time_to_first_token", ["p50_ms", "p99_ms"]),
            ("inter_token_latency", ["p50_ms", "p99_ms"]),
            ("time_per_output_token", ["p50_ms", "p99_ms"]),
        )
        for metric in metrics
    ]
    assert all(row["value"] > 0 for row in rows)
    first = dict(rows[0])
    assert first.pop("value") > 0
    assert first == {
        "benchmark": "throughput",
        "metric": "tokens_per_second",
        "unit": "tokens/s",
        "samples": 100,
        "settings": {
            "dataset": "builtin-bc958ec9",
            "output_tokens": 8,
            "api": "chat-completions",
            "num_prompts": 100,
            "profile": "concurrent",
            "concurrency": 1,
        },
        "hardware": {"accelerator": "nvidia-h100-80gb", "count": 2},
        "engine": {"name": "vllm", "version": "0.11.0"},
        "tool": {"name": "budmodel", "version": first["tool"]["version"]},
        "date": NOW,
        "source": f"budmodel benchmark run against {host}",
        "origin": "measured",
    }
    assert {row["samples"] for row in rows} == {100, 400}
    assert speed("check").code == 0 or "benchmark" not in speed("check").out
    boards = speed("leaderboard", "--benchmark", "throughput", "--json").json
    assert "llama-3" in str(boards)


def test_an_open_loop_says_its_rate(speed: Registry) -> None:
    with openai_server() as server:
        assert measure(speed, server, "--rate", "200", "--requests", "20").code == 0
    settings = recorded(speed)[0]["settings"]
    assert (settings["profile"], settings["request_rate"]) == ("poisson", 200)
    assert "concurrency" not in settings


def test_dry_run_measures_shows_and_writes_nothing(speed: Registry) -> None:
    before = speed.files()
    with openai_server() as server:
        outcome = measure(speed, server, "--requests", "3", "--dry-run")
        assert len(server.times()) == 5
    assert (outcome.code, speed.files()) == (0, before)
    assert outcome.out.startswith("load       answered  failed  tokens/s")
    assert "+  - benchmark: throughput" in outcome.out
    assert "P99 of" in outcome.err


def test_json_alone_is_on_standard_output(speed: Registry) -> None:
    with openai_server() as server:
        answer = measure(speed, server, "--requests", "3", "--json").json
    assert answer["total"] == 1
    assert any("P99" in note for note in answer["result"]["notes"])


def test_commit_makes_a_commit_and_needs_git_before_it_measures(speed: Registry) -> None:
    with openai_server() as server:
        refused = measure(speed, server, "--requests", "3", "--commit")
        assert (refused.code, server.times()) == (2, [])
        speed.commit_all("start")
        outcome = measure(speed, server, "--requests", "3", "--branch", "speed")
    assert outcome.code == 0
    assert speed.git("log", "-1", "--format=%s", "speed").startswith("Add 5 benchmark results of llama-3")


def test_without_hardware_it_is_kept_and_said(speed: Registry) -> None:
    with openai_server() as server:
        outcome = speed("benchmark", "run", "llama-3", "--endpoint", server.url, "--requests", "3")
    assert outcome.code == 0
    assert "speed results without hardware or engine are kept, but not ranked" in outcome.err


def test_the_key_comes_from_the_environment_and_goes_nowhere_else(
    speed: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_KEY", KEY)
    with openai_server(key=KEY, faults=["", "", "error"]) as server:
        url = f"{server.url}?api-version=quite-secret"
        refused = measure(speed, server, "--requests", "6", "--model", "x", url=url)
        assert refused.code == 4
        assert "name the environment variable of its key with --api-key-env" in refused.err
        outcome = measure(speed, server, "--requests", "6", "--api-key-env", "BENCH_KEY", "--debug", url=url)
        times = server.times()
    assert outcome.code == 0
    assert times[-1].authorization == f"Bearer {KEY}"
    assert times[-1].path == "/v1/chat/completions?api-version=quite-secret"
    written = b"".join(speed.files().values()).decode() + outcome.out + outcome.err + refused.err
    assert KEY not in written
    assert "quite-secret" not in written
    assert "× an error in the middle of an answer" in written


def test_a_redirect_is_not_followed(speed: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_KEY", KEY)
    with openai_server(faults=["redirect"]) as server:
        outcome = measure(speed, server, "--requests", "3", "--api-key-env", "BENCH_KEY")
        assert [one.path for one in server.times()] == ["/v1/chat/completions"]
    assert outcome.code == 4
    assert "redirects are not followed" in outcome.err


def test_failed_requests_are_shown_and_recorded(speed: Registry) -> None:
    with openai_server(faults=["", "", "busy"]) as server:
        outcome = measure(speed, server, "--requests", "9", "--warmup", "0")
    assert outcome.code == 0
    assert "1 at once: 3 of 9 requests failed (3 × HTTP 503)" in outcome.err
    assert {row["settings"]["failed_requests"] for row in recorded(speed)} == {3}


def test_a_run_in_which_all_requests_fail_is_refused(speed: Registry) -> None:
    before = speed.files()
    with openai_server(faults=["busy"]) as server:
        outcome = measure(speed, server, "--requests", "5")
    assert (outcome.code, speed.files()) == (4, before)
    assert "none of 5 requests was answered (HTTP 503); nothing was recorded" in outcome.err


def test_the_endpoint_says_which_model_it_serves(speed: Registry) -> None:
    with openai_server(models=["else/other", "meta-llama/Meta-Llama-3-8B"]) as server:
        assert measure(speed, server, "--requests", "1").code == 0
        assert server.times()[-1].body["model"] == "meta-llama/Meta-Llama-3-8B"
    with openai_server(models=["else/other\x1b[2J"]) as server:
        outcome = measure(speed, server, "--requests", "1")
        assert (outcome.code, server.times()) == (2, [])
        assert "and not llama-3 by that name; name the one that is meant with --model" in outcome.err
        assert "\x1b" not in outcome.err
        assert measure(speed, server, "--requests", "1", "--model", "else/other").code == 0
        assert server.times()[-1].body["model"] == "else/other"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hardware", "h1000"), "no accelerator 'h1000'"),
        (("--engine", "vLLM 1"), "--engine is NAME[:VERSION]"),
        (("--concurrency", "4,0"), "write numbers from 1 to 512"),
        (("--concurrency", "2", "--rate", "1"), "state one of them"),
        (("--prompts", "no-such-file"), "cannot read no-such-file"),
        (("--requests", "0"), "--requests"),
        (("--rate", "nan"), "--rate"),
        (("--duration", "inf"), "--duration"),
        (("--timeout", "NaN"), "--timeout"),
        (("--api-key-env", "NO_SUCH_VARIABLE"), "--api-key-env"),
    ],
)
def test_wrong_options_are_refused_before_the_first_request(
    speed: Registry, options: tuple[str, ...], said: str
) -> None:
    with openai_server() as server:
        outcome = measure(speed, server, *options)
        assert (outcome.code, server.times()) == (2, [])
    assert said in outcome.err


def test_a_catalog_without_benchmarks_of_speed_is_said_before_the_first_request(speed: Registry) -> None:
    speed.write("benchmarks.yaml", "benchmarks: []\n")
    with openai_server() as server:
        outcome = measure(speed, server)
        assert (outcome.code, server.times()) == (2, [])
    assert "define them before measuring" in outcome.err


def test_nobody_listens(speed: Registry) -> None:
    with openai_server() as server:
        pass
    outcome = measure(speed, server)
    assert outcome.code == 4
    assert "(no connection); check --endpoint" in outcome.err


def test_ctrl_c_stops_and_writes_nothing(speed: Registry) -> None:
    before = speed.files()
    with openai_server(gaps=[0.05], tokens=20) as server:
        command = ["benchmark", "run", "llama-3", "--endpoint", server.url, "--concurrency", "4"]
        process = subprocess.Popen(
            [sys.executable, "-m", "budmodel", "-C", str(speed.root), *command],
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(CATALOG.parent / "tools")},
            text=True,
        )
        try:
            while len(server.times()) < 8 and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err.strip()) == (130, "budmodel: interrupted")
    assert speed.files() == before


def test_progress_is_for_a_terminal_alone(speed: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Line(import_progress.ProgressLine):
        def __call__(self, label: str, done: int, total: int) -> None:
            shown.append(f"{label} {done}/{total}")

    monkeypatch.setattr(import_progress, "ProgressLine", Line)
    with openai_server() as server:
        outcome = measure(speed, server, "--requests", "2")
    assert shown == ["1 at once: 1 answers, 0 failed 50/100", "1 at once: 2 answers, 0 failed 100/100"]
    assert "\r" not in outcome.err
