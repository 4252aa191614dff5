"""What all licences together say to a use: of the version, of the organisation, and of every ancestor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from budmodel.domain.inheritance import Ancestor, Models, ancestors, bases_of
from budmodel.domain.license_restrictions import restricted
from budmodel.domain.license_terms import inherited, opinion_of, outputs_of
from budmodel.domain.licensing import LicenseBook, Term, choices_left, other_text
from budmodel.domain.uses import Level, Opinion, Reason, Use
from budmodel.schema.model import Model
from budmodel.schema.version import Version


def licence_opinion(
    models: Models,
    book: LicenseBook,
    model: Model,
    record: Version,
    use: Use,
    target: str,
    *,
    accepted: Mapping[str, bool] | None = None,
) -> Opinion:
    """Everything that licences say to a use of one version.

    Args:
        models: the catalog, for ancestors.
        book: the licence records.
        model: the model's record.
        record: the version's, which may have frozen licence, restrictions and bases.
        use: what is wanted.
        target: ``name@version``, for messages.
        accepted: whether a policy accepts a licence, by casefolded id and alias: what it does not is no
            choice in an ``OR``. None where it accepts all.
    """
    lineage = tuple(ancestors(models, bases_of(model, record)))
    return opinion_with(lineage, book, model, record, use, target, accepted=accepted)


def opinion_with(
    lineage: Sequence[Ancestor],
    book: LicenseBook,
    model: Model,
    record: Version,
    use: Use,
    target: str,
    *,
    accepted: Mapping[str, bool] | None = None,
) -> Opinion:
    """As :func:`licence_opinion`, where the ancestors are at hand: several uses are asked of one version."""
    if not model.has_artifacts:
        use = replace(use, api_only=True)
    text = record.license_type or model.license_type
    opinion = _own(book, text, use, target, accepted)
    opinion += _frozen(book, text, record.license_text_sha256, target)
    for limits in (model.license_restrictions, record.license_restrictions):
        opinion += restricted(limits, use)
    # What was made of an ancestor is a derivative of it, whatever is done with it now; its weights are held.
    made = replace(use, derivative=True, api_only=False)
    for ancestor in lineage:
        opinion += _of_ancestor(book, ancestor, made, target, accepted)
    return opinion


def _tree(book: LicenseBook, text: str, accepted: Mapping[str, bool] | None) -> Term | None:
    tree = book.resolve(text).tree
    return tree if tree is None or accepted is None else choices_left(tree, accepted)


def _own(
    book: LicenseBook, text: str | None, use: Use, target: str, accepted: Mapping[str, bool] | None
) -> Opinion:
    if text is None:
        return Opinion(
            reasons=(Reason(code="license-unknown", level="deny", message=f"{target} states no licence"),)
        )
    return opinion_of(_tree(book, text, accepted), book, use)


def _frozen(book: LicenseBook, text: str | None, sha256: str | None, target: str) -> Opinion:
    """What follows from the text that a version froze: of one that nobody recorded, the terms are unknown."""
    ids = book.resolve(text).ids if text is not None and sha256 is not None else ()
    level: Level
    if text is not None and other_text(book, text, sha256):
        level, why = "deny", "that nobody has recorded, so that its terms are unknown"
    elif ids and not any(book.licenses[id_].texts for id_ in ids):
        level, why = "warn", "which nobody can compare: the licence's record names no text"
    else:
        return Opinion()
    message = f"{target} froze a text of {text} {why}"
    return Opinion(reasons=(Reason(code="license-text-unknown", level=level, message=message),))


def _of_ancestor(
    book: LicenseBook, ancestor: Ancestor, made: Use, target: str, accepted: Mapping[str, bool] | None
) -> Opinion:
    if ancestor.unknown is not None or ancestor.license_type is None:
        found = _unknown_parent(ancestor, target)
    else:
        tree = _tree(book, ancestor.license_type, accepted)
        whose = f" of {ancestor.target}"
        judge = outputs_of if ancestor.outputs_only else opinion_of
        found = judge(tree, book, made, whose=whose)
        found += _frozen(book, ancestor.license_type, ancestor.license_text_sha256, ancestor.target)
    if not ancestor.outputs_only:
        for limits in ancestor.restrictions:
            found += restricted(limits, made)
    return inherited(ancestor.target, (target, *ancestor.path), found)


def _unknown_parent(ancestor: Ancestor, target: str) -> Opinion:
    """What nobody knows of a model of this catalog forbids the child as it forbids the model itself."""
    if ancestor.unknown is not None:
        level: Level = "deny"
        message = f"{ancestor.target}, of which {target} was made, {ancestor.unknown}: its terms are unknown"
    else:
        level = "deny" if ancestor.view is not None else "warn"
        message = f"nobody has recorded the licence of {ancestor.target}, of which {target} was made"
    return Opinion(reasons=(Reason(code="unknown-parent", level=level, message=message),))
