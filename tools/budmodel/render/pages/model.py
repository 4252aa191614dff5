"""The page of one model."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from budmodel.render.evidence import MOST_FILES
from budmodel.render.facts import ModelFacts
from budmodel.render.filters import summary
from budmodel.render.lineage_graph import picture
from budmodel.render.names import Family, edges_of
from budmodel.render.pages.frame import Frame
from budmodel.render.shell import Page, root_of
from budmodel.schema.benchmark import Benchmark


def model_page(frame: Frame, facts: ModelFacts, benchmarks: Mapping[str, Benchmark], family: Family) -> Page:
    """Everything that is known of a model.

    Args:
        frame: the templates.
        facts: the model.
        benchmarks: definitions by id.
        family: who has a page, and who was made of whom.
    """
    path = f"models/{facts.name}/index.html"
    known = family.names.__contains__
    # A version may have frozen other bases than its model states now.
    own = edges_of(facts.name, [base.model_dump() for base in facts.parents])
    up = ChainMap({facts.name: list(own)}, family.up)
    return frame.page(
        "model.html.j2",
        path,
        section="models",
        title=facts.name,
        description=summary(facts.model.description) or f"{facts.name}: a model of {frame.about.name}.",
        m=facts,
        benchmarks=benchmarks,
        known=known,
        lineage=picture(facts.name, up, family.down, known, root_of(path)),
        most_files=MOST_FILES,
    )
