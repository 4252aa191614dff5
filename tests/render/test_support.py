"""The support matrix says what records say, and no more."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from budmodel.render.support import Support, engines_of, matrix, support_data
from render.html_reader import read_html
from render.site_catalog import build, model, put, results

NAMES = st.sampled_from(["a", "b", "c", "d"])
ENGINES = st.lists(st.sampled_from(["vllm", "sglang", "llama.cpp"]), unique=True).map(tuple)
SUPPORT = st.none() | st.builds(
    Support, precision=st.sampled_from(["bf16", "gptq 4-bit"]), stated=ENGINES, measured=ENGINES
)


@given(st.dictionaries(NAMES, st.tuples(st.sampled_from(["llama", "bert"]), SUPPORT)))
def test_every_model_with_weights_stands_in_one_row_with_all_its_engines(
    models: dict[str, tuple[str, Support | None]],
) -> None:
    rows = matrix((name, architecture, support) for name, (architecture, support) in models.items())
    told = [name for row in rows for name in row.models]
    assert sorted(told) == sorted(name for name, (_, support) in models.items() if support is not None)
    for name, (architecture, support) in models.items():
        if support is None:
            continue
        (row,) = [row for row in rows if name in row.models]
        assert (row.architecture, row.precision) == (architecture, support.precision)
        for at, engines in enumerate((support.stated, support.measured)):
            assert {engine for engine, named in row.engines.items() if name in named[at]} == set(engines)
    assert [(row.architecture, row.precision) for row in rows] == sorted(
        {(row.architecture, row.precision) for row in rows}
    )
    assert set(engines_of(rows)) >= {engine for row in rows for engine in row.engines}
    assert json.dumps(support_data(rows))


def test_the_page_and_the_api_tell_stated_and_measured_apart(tmp_path: Path) -> None:
    engines = [{"name": "vllm", "min_version": "0.6.0"}]
    model(tmp_path, "stated", version={"engines": engines, "precision": "bf16"})
    model(tmp_path, "measured", version={"quantization": {"method": "gptq", "bits": 4}})
    results(tmp_path, "measured", 0.5, engine={"name": "sglang", "version": "0.4.0"})
    model(tmp_path, "silent")
    put(
        tmp_path,
        "models/remote/model.yaml",
        {"name": "remote", "architecture": "gpt", "source": {"type": "api"}},
    )
    site = build(tmp_path, tmp_path / "site").output
    found = json.loads((site / "api/support.json").read_text())["result"]
    assert found == [
        {
            "architecture": "llama",
            "precision": "bf16",
            "models": ["stated"],
            "engines": [{"engine": "vllm", "stated": ["stated"], "measured": []}],
        },
        {
            "architecture": "llama",
            "precision": "gptq 4-bit",
            "models": ["measured"],
            "engines": [{"engine": "sglang", "stated": [], "measured": ["measured"]}],
        },
        {"architecture": "llama", "precision": "not stated", "models": ["silent"], "engines": []},
    ]
    text = read_html(site / "support/index.html").text
    assert "stated: stated" in text and "measured: measured" in text
    assert "remote" not in text


def test_architectures_without_an_engine_stand_apart_and_have_no_empty_cells(tmp_path: Path) -> None:
    model(tmp_path, "runs", version={"engines": [{"name": "vllm"}]})
    model(tmp_path, "same", version={"precision": "bf16"})
    model(tmp_path, "other", architecture="bert")
    html = (build(tmp_path, tmp_path / "site").output / "support/index.html").read_text("utf-8")
    table, _, apart = html.partition('id="none"')
    assert table.count('scope="rowgroup"') == 1
    assert "models/same/" in table and "models/other/" not in table
    assert "models/other/" in apart


def test_where_no_engine_is_named_the_page_says_how_to_name_one(tmp_path: Path) -> None:
    model(tmp_path, "silent")
    site = build(tmp_path, tmp_path / "site").output
    assert "engines: [{name: vllm}]" in read_html(site / "support/index.html").text
