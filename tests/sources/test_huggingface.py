"""What the Hub says becomes a pinned, complete listing, and its files are read in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from budmodel.errors import OutsideError, UsageError
from budmodel.sources.hub_errors import RemoteFileMissingError
from budmodel.sources.hub_http import Patience
from budmodel.sources.huggingface import head, open_source
from budmodel.sources.naming import name_of, organisation_of
from sources.hub_repo import COMMIT, git_oid, sha256
from sources.hub_server import HubServer

ID = "Acme/Tiny-1B"
WEIGHTS = bytes(range(256)) * 1000
FILES = {
    "README.md": b"# tiny\n",
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": WEIGHTS,
    "empty": b"",
}
QUICK = Patience(connect=2, read=2, whole=4, backoff=0.01)
TOKEN = "hf_" + "x" * 34


def add_tiny(hub: HubServer, **more: object) -> None:
    hub.add(ID, FILES, lfs=["model.safetensors"], **more)


def test_listing_is_pinned_and_complete(hub: HubServer) -> None:
    add_tiny(hub, facts={"cardData": {"license": "mit"}, "gguf": {"total": 5}, "evalResults": [1]})
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.source == {"type": "huggingface", "model_id": ID, "revision": COMMIT}
    assert listing.files is not None
    assert {file.path: (file.size, file.sha256) for file in listing.files} == {
        path: (len(content), sha256(content)) for path, content in FILES.items()
    }
    assert listing.paths == tuple(sorted(FILES))
    assert listing.released == "2025-07-01T10:00:00Z"
    assert (listing.suggested_name, listing.organisation) == ("tiny-1b", "acme")
    assert listing.notes == ()
    # Keys that huggingface_hub's own model class drops are kept.
    assert listing.facts["evalResults"] == [1]
    assert listing.facts["gguf"] == {"total": 5}
    assert hub.paths()[0] == f"/api/models/{ID}?blobs=true&securityStatus=true"
    assert not any("model.safetensors" in path for path in hub.paths())


def test_200_shards_need_one_request_besides_small_files(hub: HubServer) -> None:
    shards = {f"model-{number:05}-of-00200.safetensors": b"%d" % number for number in range(1, 201)}
    hub.add(ID, shards | {"config.json": b"{}", "README.md": b"hello"}, lfs=shards)
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.files is not None
    assert len(listing.files) == 202
    assert all(file.sha256 for file in listing.files)
    small = [path for path in hub.paths() if path.endswith(("config.json", "README.md"))]
    assert len(small) == 2
    assert len(hub.log) - len(small) == 1


def test_a_token_goes_to_the_hub_and_nowhere_else(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    add_tiny(hub, needs_token=TOKEN)
    source = open_source(ID, patience=QUICK)
    assert source.read("model.safetensors", start=5, length=3) == WEIGHTS[5:8]
    told = {request.host: request.headers.get("authorization") for request in hub.log}
    assert told == {"127.0.0.1": f"Bearer {TOKEN}", "localhost": None}
    assert not any("agent-harnesses" in path for path in hub.paths())


def test_parts_are_asked_for_by_range(hub: HubServer) -> None:
    add_tiny(hub)
    source = open_source(ID, patience=QUICK)
    assert source.read("model.safetensors", start=len(WEIGHTS) - 4, length=100) == WEIGHTS[-4:]
    assert hub.log[-1].headers["range"] == f"bytes={len(WEIGHTS) - 4}-{len(WEIGHTS) - 1}"
    asked = len(hub.log)
    assert source.read("model.safetensors", start=len(WEIGHTS), length=8) == b""
    assert source.read("empty", length=0) == b""
    assert len(hub.log) == asked


def test_a_server_without_ranges_is_read_up_to_the_part_only(hub: HubServer) -> None:
    big = b"0123456789" + b"x" * (8 << 20)
    hub.add(ID, {"model.safetensors": big}, lfs=["model.safetensors"])
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for start in range(0, len(big), 1 << 20):
            yield big[start : start + (1 << 20)]
            sent += 1 << 20

    hub.break_with("localhost/cdn", lambda handler: handler.send_bytes(200, big, {}, pieces=pieces()))
    assert open_source(ID, patience=QUICK).read("model.safetensors", start=4, length=4) == b"4567"
    assert sent < len(big)


def test_sha256_streams_and_tells_its_progress(hub: HubServer) -> None:
    add_tiny(hub)
    seen: list[tuple[str, int, int]] = []
    source = open_source(ID, patience=QUICK)
    assert source.sha256("model.safetensors", lambda *step: seen.append(step)) == sha256(WEIGHTS)
    assert seen[-1] == ("model.safetensors", len(WEIGHTS), len(WEIGHTS))
    assert source.sha256("config.json") == sha256(FILES["config.json"])


@pytest.mark.parametrize("ranges", [True, False])
def test_sha256_goes_on_where_the_line_broke(hub: HubServer, ranges: bool) -> None:
    content = hashlib.sha256(b"seed").digest() * 40_000
    hub.add(ID, {"model.bin": content}, lfs=["model.bin"])
    hub.cut("localhost/cdn", content, after=700_000)
    if not ranges:
        hub.answer("localhost/cdn", content)
    assert open_source(ID, patience=QUICK).sha256("model.bin") == sha256(content)
    assert hub.log[-1].headers["range"].startswith("bytes=")


def test_small_files_come_from_the_librarys_cache_where_it_is_right(hub: HubServer, tmp_path: Path) -> None:
    add_tiny(hub)
    cached = tmp_path / "hub-cache" / "models--Acme--Tiny-1B"
    (cached / "snapshots" / COMMIT).mkdir(parents=True)
    (cached / "snapshots" / COMMIT / "config.json").write_bytes(FILES["config.json"])
    (cached / "snapshots" / COMMIT / "README.md").write_bytes(b"# TINY\n")
    source = open_source(ID, patience=QUICK)
    assert source.read("config.json") == FILES["config.json"]
    assert source.read("README.md") == FILES["README.md"]
    assert [path for path in hub.paths() if "resolve" in path] == [f"/{ID}/resolve/{COMMIT}/README.md"]


def test_a_renamed_model_is_recorded_under_its_new_id(hub: HubServer) -> None:
    add_tiny(hub)
    hub.renamed["Old/Name"] = ID
    listing = open_source("Old/Name", patience=QUICK).listing()
    assert listing.source["model_id"] == ID
    assert listing.suggested_name == "tiny-1b"
    assert listing.notes == (f"the Hub calls Old/Name {ID} now; the record names the latter",)


def test_an_answer_without_sizes_is_completed_by_the_tree(hub: HubServer) -> None:
    files = {f"folder/{number}.json": b"%d" % number for number in range(25)} | {"w.safetensors": WEIGHTS}
    hub.add(ID, files, lfs=["w.safetensors"], sizes=False)
    hub.page = 10
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.files is not None
    assert {file.path: file.sha256 for file in listing.files} == {k: sha256(v) for k, v in files.items()}
    assert len([path for path in hub.paths() if "/tree/" in path]) == 3


def test_an_old_answer_without_a_tree_keeps_the_names(hub: HubServer) -> None:
    hub.add(ID, FILES, sizes=False, tree=False)
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.files is None
    assert listing.paths == tuple(sorted(FILES))
    assert listing.notes == ("the Hub did not say the sizes of the files, so they are not recorded",)


def test_an_answer_without_a_commit_is_pinned_by_its_refs(hub: HubServer) -> None:
    add_tiny(hub, facts={"sha": None})
    assert open_source(ID, patience=QUICK).listing(digests=False).source["revision"] == COMMIT


def test_a_revision_is_asked_for_by_its_name(hub: HubServer) -> None:
    add_tiny(hub, refs={"refs/pr/1": COMMIT})
    assert open_source(ID, revision="refs/pr/1", patience=QUICK).listing().source["revision"] == COMMIT
    assert hub.paths()[0].startswith(f"/api/models/{ID}/revision/refs%2Fpr%2F1?")
    with pytest.raises(
        UsageError, match=r"has no revision 'v9'; name a branch.*; it has 'main', 'refs/pr/1'$"
    ):
        open_source(ID, revision="v9", patience=QUICK).listing()


def test_head_is_one_request(hub: HubServer) -> None:
    add_tiny(hub)
    assert head(ID, patience=QUICK) == (COMMIT, "2025-07-01T10:00:00Z")
    assert hub.paths() == [f"/api/models/{ID}?expand=sha&expand=lastModified"]


def test_a_file_that_is_listed_but_not_there_has_no_digest(hub: HubServer) -> None:
    add_tiny(hub)
    hub.refuse("resolve/.*/empty", 404, "EntryNotFound")
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.files is not None
    assert [file.path for file in listing.files if file.sha256 is None] == ["empty"]
    assert listing.notes == ("the Hub lists 1 files that it does not have, such as 'empty'",)


def test_files_outside_the_listing_are_not_asked_for(hub: HubServer) -> None:
    add_tiny(hub)
    source = open_source(ID, patience=QUICK)
    with pytest.raises(RemoteFileMissingError, match=r"127\.0\.0\.1 has no file 'nope' of Acme/Tiny-1B"):
        source.read("nope")
    with pytest.raises(UsageError, match=r"has empty, \. or .. parts"):
        source.read("../../secret")
    assert len(hub.log) == 1


def test_a_large_file_is_not_read_whole(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budmodel.sources.hub_files.MAX_SMALL_FILE", 1000)
    add_tiny(hub)
    with pytest.raises(OutsideError, match="has 256000 bytes, too many to be read whole"):
        open_source(ID, patience=QUICK).read("model.safetensors")


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"hf:{ID}",
        f"hf://{ID}",
        f" {ID}/ ",
        f"https://huggingface.co/{ID}",
        f"https://hf.co/{ID}/",
        f"http://127.0.0.1/{ID}",
    ],
)
def test_ids_are_accepted_as_people_paste_them(hub: HubServer, text: str) -> None:
    add_tiny(hub)
    assert open_source(text, patience=QUICK).listing(digests=False).source["model_id"] == ID


def test_a_pasted_page_may_name_the_revision(hub: HubServer) -> None:
    add_tiny(hub, refs={"v1": COMMIT})
    open_source(f"https://huggingface.co/{ID}/tree/v1", patience=QUICK).listing(digests=False)
    open_source(f"hf://{ID}@v1", revision="v1", patience=QUICK).listing(digests=False)
    assert all("/revision/v1?" in path for path in hub.paths())
    with pytest.raises(UsageError, match="two revisions"):
        open_source(f"hf://{ID}@v1", revision="v2")


@pytest.mark.parametrize(
    ("repo_id", "name", "organisation"),
    [
        ("meta-llama/Llama-3.1-70B-Instruct", "llama-3.1-70b-instruct", "meta-llama"),
        ("espnet/kan-bayashi_ljspeech_vits", "kan-bayashi_ljspeech_vits", "espnet"),
        ("gpt2", "gpt2", None),
        ("a/b__c-.d", "b_c-d", "a"),
        ("Org/index", "org-index", "org"),
        ("x/con.v1", "x-con.v1", "x"),
        ("con/con", "con-con", "con"),
        ("x/data.json", "data-json", "x"),
        ("x/" + "a" * 96, "a" * 96, "x"),
        ("x/Ünïcode Näme", "unicode-name", "x"),
        ("文/文", "model", None),
    ],
)
def test_names_are_well_formed(repo_id: str, name: str, organisation: str | None) -> None:
    assert (name_of(repo_id), organisation_of(repo_id)) == (name, organisation)


def test_the_fake_knows_gits_object_ids() -> None:
    # echo -n hello | git hash-object --stdin
    assert git_oid(b"hello") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"
