"""How long the leaderboard takes to compute: 50,000 results of 10,000 models, after loading.

Usage: python benchmarks/ranking.py [MODELS] [RESULTS]
Prints seconds of processor time and the ratio to sorting as many numbers.
"""

from __future__ import annotations

import random
import sys
import time

from budmodel.domain.leaderboard import Candidate, leaderboard
from budmodel.domain.leaderboard_overall import overall
from budmodel.schema.benchmark import Benchmark, Result

METRIC = {"unit": "fraction", "direction": "higher", "minimum": 0, "maximum": 1}


def main(models: int, results: int) -> None:
    """Makes results with a fixed seed, ranks them, and says how long that took."""
    chance = random.Random(1)
    definitions = {
        f"b{index}": Benchmark.model_validate(
            {
                "id": f"b{index}",
                "name": f"b{index}",
                "metrics": {"acc": METRIC},
                "default_metric": "acc",
                "comparable_on": ["num_fewshot"],
            }
        )
        for index in range(5)
    }
    candidates = [
        Candidate(
            name=f"m{index % models}",
            version="1.0.0",
            architecture="llama",
            parameter_count=10**9,
            result=Result.model_construct(
                benchmark=f"b{(index // models) % 5}",
                metric="acc",
                value=chance.random(),
                unit="fraction",
                stderr=chance.choice([None, 0.01]),
                settings={"num_fewshot": chance.choice([0, 5])},
                source="s",
                origin="measured",
            ),
        )
        for index in range(results)
    ]
    begin = time.process_time()
    ranked = leaderboard(candidates, definitions)
    ranked_in = time.process_time() - begin
    begin = time.process_time()
    overall(ranked)
    combined_in = time.process_time() - begin
    numbers = [chance.random() for _ in range(results)]
    begin = time.process_time()
    sorted(numbers)
    sorted_in = time.process_time() - begin
    print(f"{results:,} results of {models:,} models")
    print(f"leaderboard  {ranked_in:6.3f} s  {ranked_in / sorted_in:6.1f} times sorting {results:,} numbers")
    print(f"overall      {combined_in:6.3f} s  {combined_in / sorted_in:6.1f} times")


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] or ["10000", "50000"])))
