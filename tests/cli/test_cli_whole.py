"""The command line as a whole: start-up, help, exit codes, global options, completion, schema."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from budmodel.cli.main import COMMANDS, budmodel
from cli.small_catalog import Registry

HEAVY = ("pydantic", "jinja2", "git", "ruamel", "mkdocs", "semver", "license_expression")


def process(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools"), **extra}
    return subprocess.run(
        [sys.executable, "-m", "budmodel", *arguments], env=env, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from budmodel.cli.main import run; run(sys.argv[1:]); "
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True)
    assert done.stdout.startswith("Usage: budmodel")
    assert done.stderr == "[]\n"


def leaves(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    found = [(name, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            assert below is not None
            found += leaves(below, f"{name} {inner}")
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_explains_itself(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    for path, command in leaves(getattr(import_module(module), attribute), name):
        assert command.help, path
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{path} {option.name}"
        assert {"debug", "root", "directory"} <= {option.name for option in command.params}, path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lst"], "no such command 'lst'; did you mean list?"),
        (["frobnicate"], "no such command 'frobnicate'; see budmodel --help"),
        (["list", "--archtecture", "x"], "no such option '--archtecture'. Did you mean '--architecture'?"),
        (["list", "--max-params", "many"], "invalid value for '--max-params': 'many' is not a number; "
                                           "write 8B, 1.5B or 8000000000; see budmodel list --help"),
        (["show"], "missing argument 'NAME[@V]'; see budmodel show --help"),
        (["site", "build", "--site-url", "models.example.org"],
         "invalid value for '--site-url': 'models.example.org' is no address of a site; "
         "write https://HOST/ or https://HOST/PATH/; see budmodel site build --help"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_sentence(registry: Registry, arguments: list[str], sentence: str) -> None:
    outcome = registry(*arguments)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"budmodel: {sentence}\n")


def test_global_options_stand_before_and_after(registry: Registry, tmp_path: Path) -> None:
    root = str(registry.root)
    for arguments in (
        ["-C", root, "list"],
        ["list", "-C", root],
        ["--root", root, "list"],
        ["list", "--root", root],
    ):
        done = process(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert "llama-3" in done.stdout
    assert "1.1.0" in process("version", "list", "llama-3", "-C", root).stdout
    assert process("list", BUDMODEL_ROOT=root).returncode == 0
    outside = process("-C", str(tmp_path), "list")
    assert outside.returncode == 2
    assert outside.stderr.startswith("budmodel: no catalog/ folder in ")


def test_debug_shows_the_traceback(registry: Registry) -> None:
    done = process("-C", str(registry.root), "show", "absent", "--debug")
    assert "NotFoundError" in done.stderr
    assert "Traceback" in done.stderr


def test_a_closed_pipe_is_no_error(registry: Registry) -> None:
    for number in range(2000):
        registry.write(
            f"models/m{number}/model.yaml", f"name: m{number}\narchitecture: a\nparameter_count: 1\n"
        )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    command = (
        f"'{sys.executable}' -m budmodel -C '{registry.root}' list --json | head -1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True)
    assert done.stdout == "{\n0\n"
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(registry: Registry, shell: str) -> None:
    outcome = registry("completion", shell)
    assert outcome.code == 0
    assert "_BUDMODEL_COMPLETE" in outcome.out
    assert outcome.err == ""


def test_model_names_complete(registry: Registry) -> None:
    done = process(
        _BUDMODEL_COMPLETE="bash_complete",
        COMP_WORDS=f"budmodel -C {registry.root} show llama",
        COMP_CWORD="4",
    )
    assert done.stdout.split() == ["plain,llama-3", "plain,llama-3-instruct"]


def test_schema_writes_checks_and_prints(registry: Registry) -> None:
    stale = registry("schema", "--check")
    assert stale.code == 1
    assert stale.err == "budmodel: the schemas are not current; run budmodel schema\n"
    assert registry("schema").code == 0
    assert registry("schema", "--check").code == 0
    assert registry("schema", "model").out.startswith("{")
    assert registry("schema", "modle").err == "budmodel: no kind of record 'modle'; did you mean model?\n"


def test_everything_reads_without_git(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert registry("list").code == 0
    assert registry("show", "llama-3").code == 0
    assert registry("set", "llama-3", "status=archived").code == 0


def test_bugs_are_ours(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("budmodel.operations.listing.list_models", broken)
    outcome = registry("list")
    assert outcome.code == 3
    assert outcome.err == (
        "budmodel: a bug of ours: ZeroDivisionError: oops; please report it with the output of "
        "the same command and --debug\n"
    )


def test_the_group_is_lazy() -> None:
    assert isinstance(budmodel, click.Group)


def test_site_is_built_and_strict_tells_what_was_left_out(registry: Registry) -> None:
    output = str(registry.root / "out")
    outcome = registry("site", "build", "--output", output, "--strict")
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("built 3 models, ")
    assert outcome.out.endswith(f" in {output}\n")
    assert (registry.root / "out" / "api" / "models.json").is_file()
    registry.write("models/gpt-5/model.yaml", "name: [\n")
    assert registry("site", "build", "--output", output).code == 0
    assert registry("site", "build", "--output", output, "--strict").code == 1


def test_site_serve_needs_a_site(registry: Registry) -> None:
    outcome = registry("site", "serve", "--no-build", "--port", "0")
    assert outcome.code == 2
    assert outcome.err == f"budmodel: {registry.root}/build/site holds no site; run: budmodel site build\n"


def test_names_of_files_do_not_steer_the_terminal(registry: Registry) -> None:
    registry.write("models/llama-3/versions/\x1b[2J.yaml", "x: 1\n")
    for outcome in (registry("show", "llama-3@9.9.9"), registry("version", "list", "llama-3")):
        assert "\x1b" not in outcome.out + outcome.err


@pytest.mark.parametrize("arguments", [["list", "--json"], ["check"], ["check", "--json"]])
def test_a_reader_that_leaves_does_not_change_the_verdict(registry: Registry, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "budmodel", "-C", str(registry.root), *arguments]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    whole = subprocess.run(command, env=env, capture_output=True)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        cut = subprocess.run(command, env=env, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert (cut.returncode, cut.stderr) == (whole.returncode, whole.stderr)


@pytest.mark.parametrize("closed", [">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "arguments",
    [["list", "--json"], ["check"], ["deploy-check", "llama-3", "--use", "commercial"], ["show", "no"]],
)
def test_closed_streams_do_not_change_the_verdict(
    registry: Registry, arguments: list[str], closed: str
) -> None:
    command = [sys.executable, "-m", "budmodel", "-C", str(registry.root), *arguments]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    whole = subprocess.run(command, env=env, capture_output=True)
    shut = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command], env=env, stderr=subprocess.PIPE
    )
    assert shut.returncode == whole.returncode
    assert shut.stderr == (b"" if "2>&-" in closed else whole.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_no_bug_of_ours(registry: Registry) -> None:
    command = [sys.executable, "-m", "budmodel", "-C", str(registry.root), "list", "--json"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, env=env, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4
    assert done.stderr == (
        b"budmodel: standard output cannot be written: No space left on device; make room, or write "
        b"elsewhere\n"
    )
