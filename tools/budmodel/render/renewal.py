"""Which models must be judged and made anew, when some have changed since the last build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from budmodel.operations.deploy_files import IS
from budmodel.operations.examining import flipped, same_until
from budmodel.render.kept import LastBuild, Link
from budmodel.schema.governance import Waiver

_BY_NAMES = "lineage-unknown-base"
"""A rule whose finding suggests names of other models."""


def stale_models(
    last: LastBuild,
    inputs: Mapping[str, str],
    links: Mapping[str, Sequence[Link]],
    waivers: Iterable[Waiver],
    now: datetime | None,
) -> set[str]:
    """The models whose verdict or page may be another than in the last build.

    Args:
        last: the last build.
        inputs: the digest of what belongs to each model now.
        links: what each model that changed was made of now.
        waivers: all of them.
        now: the moment of judging; None where nothing is judged.
    """
    changed = {name for name, digest in inputs.items() if _differs(last, name, digest)}
    gone = last.models.keys() - inputs.keys()
    came = inputs.keys() - last.models.keys()
    before = {name: kept.survey.links for name, kept in last.models.items()}
    rewired = {name for name in changed & last.models.keys() if tuple(links.get(name, ())) != before[name]}
    found = changed | _descendants(changed | gone, before, links)
    found |= _related(came | gone | rewired, before, links)
    if came or gone:
        found |= {name for name, kept in last.models.items() if _suggests_names(kept.survey.check)}
    if now != last.everything.now:
        found |= _aged(last, waivers, now)
    return found & inputs.keys()


def _differs(last: LastBuild, name: str, digest: str) -> bool:
    kept = last.models.get(name)
    return kept is None or kept.inputs != digest


def _suggests_names(check: object) -> bool:
    return any(finding.rule == _BY_NAMES for finding in getattr(check, "findings", ()))


def _aged(last: LastBuild, waivers: Iterable[Waiver], now: datetime | None) -> set[str]:
    """The models of which time alone changed the verdict."""
    before = last.everything.now
    if now is None or before is None:
        return set(last.models)
    found = {
        name
        for name, kept in last.models.items()
        if not same_until((kept.survey.since, kept.survey.until), now)
    }
    return found | set(flipped(waivers, before, now))


def _descendants(
    names: set[str], before: Mapping[str, Sequence[Link]], links: Mapping[str, Sequence[Link]]
) -> set[str]:
    """All that was made of some models, as it is now or was before."""
    down: dict[str, set[str]] = {}
    for held in (before, links):
        for child, parents in held.items():
            for parent, relation in parents:
                # What was made of one of the Hub was made of the model that comes from there.
                older, younger = (child, parent) if relation == IS else (parent, child)
                down.setdefault(older, set()).add(younger)
    return _reach(names, down)


def _related(
    names: set[str], before: Mapping[str, Sequence[Link]], links: Mapping[str, Sequence[Link]]
) -> set[str]:
    """Everybody in a lineage with some models: pictures of lineages show them."""
    around: dict[str, set[str]] = {}
    for held in (before, links):
        for child, parents in held.items():
            for parent, _ in parents:
                around.setdefault(parent, set()).add(child)
                around.setdefault(child, set()).add(parent)
    return _reach(names, around) if names else set()


def _reach(names: set[str], along: Mapping[str, set[str]]) -> set[str]:
    found = set(names)
    waiting = list(names)
    while waiting:
        for other in along.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
