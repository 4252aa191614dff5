"""What holds where a catalog has no file of its own: the seed's five benchmarks."""

from __future__ import annotations

from functools import cache

from budmodel.schema.benchmark import Benchmark, Metric


@cache
def default_benchmarks() -> tuple[Benchmark, ...]:
    """The definitions for a catalog without ``benchmarks.yaml``; made when asked for."""
    return (
        Benchmark(
            id="inference_latency",
            name="Inference latency",
            description="Time from request to complete answer",
            category="speed",
            metrics={
                "p50_ms": Metric(unit="ms", direction="lower", minimum=0),
                "p99_ms": Metric(unit="ms", direction="lower", minimum=0),
            },
            default_metric="p50_ms",
        ),
        Benchmark(
            id="throughput",
            name="Throughput",
            description="Output tokens per second",
            category="speed",
            metrics={"tokens_per_second": Metric(unit="tokens/s", direction="higher", minimum=0)},
            default_metric="tokens_per_second",
        ),
        Benchmark(
            id="mmlu",
            name="MMLU",
            description="Massive Multitask Language Understanding, accuracy",
            metrics={"acc": Metric(unit="fraction", direction="higher", minimum=0, maximum=1)},
            default_metric="acc",
            comparable_on=["num_fewshot"],
        ),
        Benchmark(
            id="humaneval",
            name="HumanEval",
            description="Functional correctness of synthesised programs, pass@1",
            metrics={"pass_at_1": Metric(unit="fraction", direction="higher", minimum=0, maximum=1)},
            default_metric="pass_at_1",
        ),
        Benchmark(
            id="mt_bench",
            name="MT-Bench",
            description="Multi-turn conversation judged by a model, mean score",
            metrics={"score": Metric(unit="score", direction="higher", minimum=1, maximum=10)},
            default_metric="score",
        ),
    )
