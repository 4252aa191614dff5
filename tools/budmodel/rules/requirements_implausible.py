"""requirements-implausible: the stated memory or accelerator does not fit the number of parameters."""

from __future__ import annotations

from collections.abc import Iterator

from budmodel.domain.suggest import did_you_mean
from budmodel.findings import Finding, Severity
from budmodel.rules.interface import Context, ModelRule, ModelSubject
from budmodel.schema.model import Requirements

LEAST_BYTES = 0.25
"""Bytes of a parameter at 2 bits, below which no quantization in use goes by much."""
MOST_BYTES = 8 * 3
"""Bytes of a parameter in double precision, three times over: weights, cache and activations."""
MOST_BASE_GB = 16
"""GB that a small model may need for its cache and its runtime, whatever its weights are."""
_Problem = tuple[str, str, str]


class RequirementsImplausible(ModelRule):
    """Finds units gone wrong (MB for GB, millions for billions), not models that are merely tight.

    Serving needs at least the weights in memory: parameters times bytes a parameter. The lower bound takes
    2 bits a parameter; the upper one 8 bytes, three times over for cache and activations, and 16 GB on top.
    Both are far out on purpose: what lies beyond is a slip of the pen.
    """

    id = "requirements-implausible"
    title = "Requirements do not fit the model"
    severity = Severity.WARNING

    def visit(self, subject: ModelSubject, context: Context) -> Iterator[Finding]:
        """One finding for each field of ``requirements`` that cannot be right."""
        model = subject.view.model
        if model is None or model.requirements is None:
            return
        memory = _memory(model.requirements, model.parameter_count)
        for field, message, fix in (*memory, *_accelerator(model.requirements, context)):
            yield self.finding(
                subject.path,
                f"{model.name}: {message}",
                field_path=("requirements", field),
                fix=fix,
                targets=subject.targets,
            )


def _memory(requirements: Requirements, parameters: int | None) -> Iterator[_Problem]:
    stated = requirements.min_gpu_memory_gb
    if stated is None or parameters is None:
        return
    least = parameters * LEAST_BYTES / 1e9
    most = parameters * MOST_BYTES / 1e9 + MOST_BASE_GB
    if not least <= stated <= most:
        limit = f"at least {least:.4g} GB" if stated < least else f"at most {most:.4g} GB"
        message = f"min_gpu_memory_gb is {stated:g}, but {parameters} parameters need {limit}"
        yield "min_gpu_memory_gb", message, "write GB (10^9 bytes), and check parameter_count"


def _accelerator(requirements: Requirements, context: Context) -> Iterator[_Problem]:
    name, accelerators = requirements.recommended_gpu, context.judges.accelerators
    if name is None or not accelerators:
        return
    accelerator = accelerators.get(name)
    if accelerator is None:
        fix = did_you_mean(name, accelerators, "add it to catalog/hardware.yaml")
        yield "recommended_gpu", f"there is no accelerator {name}", fix
        return
    count, needed = requirements.recommended_gpu_count or 1, requirements.min_gpu_memory_gb
    if needed is not None and count * accelerator.memory_gb < needed:
        field = "recommended_gpu" if requirements.recommended_gpu_count is None else "recommended_gpu_count"
        have = f"{count} × {name} have {count * accelerator.memory_gb:g} GB"
        yield field, f"{have}, but min_gpu_memory_gb is {needed:g}", "recommend more of them, or a larger one"
