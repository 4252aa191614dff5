"""Makes the files of all models, going on from the last build: what did not change is not made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from budmodel.render.inputs import Inputs
from budmodel.render.kept import Everything, Keeper, Kept, LastBuild, Made, Survey
from budmodel.render.output import Written
from budmodel.render.renewal import stale_models
from budmodel.render.surroundings import Observer
from budmodel.render.workers import each
from budmodel.render.workshop import Workshop, around_digest
from budmodel.rules.interface import Judges
from budmodel.store.catalog import Snapshot


@dataclass(kw_only=True)
class Continuation:
    """The models of one build. First all are looked at, then, once they are ranked, their files are made."""

    snapshot: Snapshot
    now: datetime | None
    """The moment of judging; None where nothing is judged."""
    last: LastBuild | None
    """What may be kept; None where all is made anew."""
    inputs: Inputs | None
    """None where the next build is left nothing."""
    surveys: dict[str, Survey] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    renewed: set[str] = field(default_factory=set)
    """The models that were made anew."""

    @property
    def _inputs(self) -> Mapping[str, str]:
        return self.inputs.models if self.inputs is not None else {}

    @property
    def nothing_changed(self) -> bool:
        """Whether every file of the catalog is as it was in the last build."""
        return (
            self.last is not None
            and self.inputs is not None
            and self.last.everything.whole == self.inputs.whole
        )

    def survey(self, workshop: Workshop, judges: Judges) -> None:
        """Looks at the models which may differ from the last build; of the others it is known."""
        names = self.snapshot.names
        if self.last is not None:
            known, inputs = self.last.models, self._inputs
            fresh = (name for name in names if name not in known or known[name].inputs != inputs[name])
            links = {name: list(workshop.links(name)) for name in fresh}
            stale = stale_models(self.last, inputs, links, judges.waivers.values(), self.now)
            self.surveys = {name: known[name].survey for name in names if name not in stale}
            names = sorted(stale)
        self.renewed = set(names)
        self.surveys.update(zip(names, each(workshop.survey, names), strict=True))
        self.surveys = {name: self.surveys[name] for name in self.snapshot.names}

    def make(self, workshop: Workshop, observer: Observer) -> None:
        """Makes the files of the models that were looked at, and of those that stand elsewhere now."""
        if self.last is not None:
            for name in self.snapshot.names:
                made = self.last.models[name].made if name not in self.renewed else None
                if made is not None and _still(name, made, workshop, observer):
                    self.made[name] = made
                else:
                    self.renewed.add(name)
        names = sorted(self.renewed)

        def work(name: str) -> Made:
            return workshop.make(name, self.surveys[name].check, observer)

        self.made.update(zip(names, each(work, names), strict=True))

    def remember(self, keeper: Keeper, shared: str, own: dict[str, Written]) -> None:
        """Leaves to the next build what this one knows.

        Args:
            keeper: where to leave it.
            shared: the digest of what all pages rest on.
            own: the files that belong to no model.
        """
        if self.inputs is None:
            return
        changed = {
            name: Kept(inputs=self._inputs[name], survey=self.surveys[name], made=self.made[name])
            for name in sorted(self.renewed)
        }
        everything = Everything(shared=shared, whole=self.inputs.whole, now=self.now, files=own)
        keeper.save(everything, changed, self.snapshot.names)


def _still(name: str, made: Made, workshop: Workshop, observer: Observer) -> bool:
    """Whether what the last build made of a model that did not change is there, and what it would be."""
    if not made.files.keys() <= workshop.output.there.keys():
        return False
    if workshop.tables and made.tables is None:
        return False
    if any(workshop.reader.known(other) != known for other, known in made.others.items()):
        return False
    return made.row is None or made.around == around_digest(observer, name)
