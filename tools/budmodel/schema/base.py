"""The base of every record."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from budmodel.schema.values import ANNOTATION_KEY_PATTERN, no_entries

AnnotationKey = Annotated[
    str,
    StringConstraints(
        pattern=ANNOTATION_KEY_PATTERN,
        max_length=160,
    ),
]
AnnotationValue = Annotated[str, StringConstraints(max_length=1024)]
Annotations = Annotated[
    dict[AnnotationKey, AnnotationValue],
    Field(
        default_factory=no_entries,
        description="Free-form facts: reverse-DNS keys, string values",
        examples=[{"acme.com/cost-center": "4711"}],
    ),
]


class Record(BaseModel):
    """A frozen record. Unknown keys are refused; nothing is coerced (``"8"`` is not 8)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        # A command uses a few kinds of records; building the validators of all of them costs 100 ms.
        defer_build=True,
    )
