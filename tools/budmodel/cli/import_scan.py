"""What ``--scan`` adds to ``budmodel import``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from budmodel.cli.common import note

if TYPE_CHECKING:
    from budmodel.cli.import_models import Opener
    from budmodel.operations.import_progress import ProgressLine
    from budmodel.operations.import_run import ImportOutcome
    from budmodel.operations.scan_job import ScanOutcome
    from budmodel.operations.workspace import Workspace
    from budmodel.sources.interface import Source

After = Callable[["ImportOutcome"], "ScanOutcome | None"]


def shared_pass(
    here: Workspace,
    openers: Sequence[Opener],
    options: dict[str, Any],
    progress: ProgressLine,
    folder: str | None,
    endpoint_url: str | None,
) -> tuple[list[Opener], After]:
    """The openers, whose sources are scanned while they are hashed; and what writes the scan record.

    Raises:
        OutsideError: an engine cannot be asked; nothing was read yet.
    """
    from budmodel.operations.import_run import open_source
    from budmodel.operations.import_scanning import SharedPass
    from budmodel.operations.judging import scan_policy, signers_of
    from budmodel.operations.scan_reuse import SeenBefore
    from budmodel.operations.scan_signing import load_signer
    from budmodel.scanners.inspector import Scanners
    from budmodel.scanners.interface import ScanConfig

    policy, signers = scan_policy(here.snapshot), signers_of(here.snapshot)
    signer = load_signer(options["key"], signers=signers, name=options["signer"])
    for text in signer.notes if signer is not None else ():
        note(text)
    tell = note if progress.shown else None
    shared = SharedPass(
        scanners=Scanners(ScanConfig(policy=policy, clamd=options["clamd"], tell=tell)),
        seen=SeenBefore(policy=policy, signers=signers, signing=signer is not None),
        policy=policy,
        signer=signer,
    )
    shared.start()

    def watched(opener: Callable[[], Source]) -> Callable[[], Source]:
        return lambda: shared.watch(opener())

    def after(outcome: ImportOutcome) -> ScanOutcome | None:
        return shared.scan(
            here,
            outcome,
            open_source,
            folder=folder,
            endpoint_url=endpoint_url,
            progress=progress if progress.shown else None,
        )

    return [(subject, watched(opener)) for subject, opener in openers], after
