"""Commands that fetch the bytes of a version and put them to use, to be copied into a POSIX shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from budmodel.schema.version import HubRevision, S3Location, Selection, Version

_SERVERS = {
    "vllm": ("vllm", "serve", "{}"),
    "sglang": ("python", "-m", "sglang.launch_server", "--model-path", "{}"),
}
"""How engines serve a folder: vLLM's and SGLang's documentation of their command lines."""


def fetch_commands(name: str, version: Version) -> Iterator[str]:
    """One command for each place where the bytes are. Whatever the catalog holds is quoted."""
    source = version.source
    selection = version.selection or Selection()
    if isinstance(source, HubRevision) and source.revision is not None:
        words = ["hf", "download", source.model_id, "--revision", source.revision, "--local-dir", f"{name}/"]
        for option, globs in (("--include", selection.include), ("--exclude", selection.exclude)):
            words += [word for glob in globs for word in (option, glob)]
        yield shlex.join(words)
    place = version.storage_path or (source.uri if isinstance(source, S3Location) else None)
    if place is not None and place.startswith("s3://"):
        words = ["aws", "s3", "sync", place, f"{name}/"]
        # The last filter that fits decides there: first nothing, then what is wanted, then what is not.
        if selection.include:
            words += ["--exclude", "*"]
        for option, globs in (("--include", selection.include), ("--exclude", selection.exclude)):
            words += [word for glob in globs for word in (option, glob)]
        yield shlex.join(words)


def steps(name: str, version: Version | None, *, failed: bool = False) -> Iterator[tuple[str, str]]:
    """What to do one after another, from looking at a model to serving it: what for, and the command.

    Args:
        name: the model.
        version: its default version; None where it has none. Of a withdrawn one nothing is fetched.
        failed: whether a scan found something in it; then nothing is fetched either.
    """
    yield "See what is known of it", f"budmodel show {name}"
    if version is None or version.yanked is not None:
        return
    exact = f"{name}@{version.version}"
    yield "Ask whether it may be deployed", f"budmodel deploy-check {exact} --use commercial"
    if failed:
        return
    fetched = list(fetch_commands(name, version))
    for command in fetched:
        yield "Get exactly this version", command
    if version.files:
        folder = f"{name}/" if fetched else "DIR"
        yield "Check a copy, byte for byte", f"budmodel verify {exact} --path {folder}"
    for engine in version.engines if fetched else ():
        if engine.name in _SERVERS:
            words = [word.format(f"./{name}/") for word in _SERVERS[engine.name]]
            yield f"Serve it with {engine.name}", shlex.join(words)
