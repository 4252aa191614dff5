"""A scan run: what is written when, what a fault leaves behind, and what is never read twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from budmodel.domain.evidence import judge_signature
from budmodel.operations.scan_signing import load_signer
from budmodel.operations.scan_verifying import signers_of
from budmodel.scanners.interface import Outcome, Subject
from budmodel.schema.scan import SignatureDatabase
from operations.scan_fakes import EVIL, World, after
from signing import KeyPair

KEY = KeyPair.make()
TEXT = b"only words\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.put(a__txt=TEXT, b__txt=b"more words\n" * 3)
    made.record()
    return made


def signer(world: World, tmp_path: Path, key: KeyPair = KEY) -> object:
    path = tmp_path / "key"
    path.write_bytes(key.private)
    path.chmod(0o600)
    world.write("allowed_signers", KEY.allowed())
    return load_signer(str(path), signers=signers_of(world.workspace().snapshot))


def test_what_was_seen_whole_and_clean_is_passed(world: World) -> None:
    (outcome,) = world.scan()
    assert (outcome.result, outcome.status, outcome.written) == ("passed", "PASSED", True)
    assert (outcome.files, outcome.files_read, outcome.bytes_read) == (2, 2, 44)
    record = world.scan_record()
    assert record is not None
    assert [(row.path, row.engine, row.format, row.bytes_seen) for row in record.files] == [
        ("a.txt", "clamav", None, 11),
        ("a.txt", "content", "text", 11),
        ("b.txt", "clamav", None, 33),
        ("b.txt", "content", "text", 33),
    ]
    assert record.locations == []
    assert record.finished == "2026-11-20T12:00:00Z"
    assert [limit.canaries for limit in record.limits] == [2]


def test_the_same_bytes_make_the_same_record(world: World, tmp_path: Path) -> None:
    world.scan(jobs=2)
    first = world.scan_path().read_bytes()
    world.scan_path().unlink()
    world.scan(jobs=1)
    assert world.scan_path().read_bytes() == first


def test_what_is_found_fails_and_names_the_finding(world: World) -> None:
    world.put(a__txt=b"x" + EVIL)
    world.record()
    (outcome,) = world.scan()
    assert (outcome.result, outcome.findings) == ("failed", ("malware:Evil@a.txt",))
    record = world.scan_record()
    assert record is not None and record.status == "FAILED"


@pytest.mark.parametrize("verdict", ["error", "limit", "unsupported"])
def test_what_could_not_be_decided_is_no_verdict(world: World, verdict: str) -> None:
    def say(subject: Subject) -> Outcome | None:
        if subject.path != "b.txt":
            return None
        return Outcome(
            engine="content",
            verdict=verdict,
            bytes_seen=3,
            bytes_total=33,
            message="too odd",  # type: ignore[arg-type]
        )

    world.content.verdict = say
    (outcome,) = world.scan()
    assert (outcome.result, outcome.status) == ("incomplete", "SCANNING")
    assert outcome.error == "b.txt: content: too odd"
    record = world.scan_record()
    assert record is not None and record.attempt is not None
    assert {row.path for row in record.attempt.files_done} == {"a.txt"}
    # The next run reads only what is open.
    world.content.verdict = None
    world.clamav.opened.clear()
    (again,) = world.scan()
    assert (again.result, again.files_read) == ("passed", 1)
    assert world.clamav.opened == ["b.txt"]


def test_an_engine_that_saw_less_than_all_is_no_verdict(world: World) -> None:
    world.clamav.verdict = lambda subject: Outcome(
        engine="clamav", verdict="clean", bytes_seen=1, bytes_total=1
    )
    (outcome,) = world.scan()
    assert (outcome.result, outcome.status) == ("incomplete", "SCANNING")


def test_a_fault_at_the_start_is_told_and_nothing_is_read(world: World) -> None:
    world.clamav.start_error = "no clamd answers at unix:/run/x"
    (outcome,) = world.scan()
    assert (outcome.result, outcome.error) == ("incomplete", "no clamd answers at unix:/run/x")
    record = world.scan_record()
    assert record is not None and record.attempt is not None
    assert (record.status, record.attempt.error) == ("SCANNING", "no clamd answers at unix:/run/x")
    assert world.content.opened == []


def test_a_fault_in_a_file_is_tried_once_more(world: World) -> None:
    world.clamav.feed_errors = ["clamd went away"]
    (outcome,) = world.scan(jobs=1)
    assert outcome.result == "passed"


def test_a_lasting_fault_is_counted_and_later_taken_up(world: World) -> None:
    for count in (1, 2, 3):
        world.clamav.feed_errors = ["clamd went away"] * 20
        (outcome,) = world.scan(jobs=1)
        assert (outcome.result, outcome.error) == ("incomplete", "clamd went away")
        record = world.scan_record()
        assert record is not None and record.attempt is not None
        assert (record.status, record.attempt.count) == ("SCANNING", count)
        world.now += timedelta(minutes=1)
    world.clamav.feed_errors = []
    assert world.scan()[0].result == "passed"
    record = world.scan_record()
    assert record is not None and record.attempt is None


def test_engines_that_fail_at_the_end_void_everything_since(world: World) -> None:
    world.clamav.finish_error = "clamd does not find EICAR any more"
    (outcome,) = world.scan()
    assert (outcome.result, outcome.error) == ("incomplete", "clamd does not find EICAR any more")
    record = world.scan_record()
    assert record is not None and record.attempt is not None
    assert record.attempt.files_done == []


def test_a_database_that_changed_meanwhile_voids_everything_since(world: World) -> None:
    def reload() -> None:
        world.clamav.database = SignatureDatabase(version="27001", date="2026-11-20T08:00:00Z")

    world.clamav.on_feed = after(2, reload)
    (outcome,) = world.scan(jobs=1)
    assert outcome.result == "incomplete"
    assert "changed while it scanned" in str(outcome.error)
    world.clamav.on_feed = None
    assert world.scan()[0].result == "passed"


def test_other_bytes_than_the_record_says_are_no_verdict(world: World) -> None:
    world.put(a__txt=b"other word\n")
    (outcome,) = world.scan()
    assert outcome.result == "incomplete"
    assert "is not the file that the version records: its SHA-256 is" in str(outcome.error)


def test_a_missing_file_and_another_size_are_told_before_anything_is_read(world: World) -> None:
    world.put(a__txt=b"longer than it was\n")
    assert "of 19 bytes instead of 11" in str(world.scan()[0].error)
    (world.folder / "a.txt").unlink()
    assert "a.txt is missing" in str(world.scan()[0].error)
    assert world.clamav.opened == []


def test_a_file_that_changes_while_it_is_read_is_no_verdict(world: World) -> None:
    big = b"w" * (3 << 20)
    world.put(a__txt=big)
    world.record()

    def swap() -> None:
        (world.folder / "a.txt").write_bytes(b"v" * len(big))

    world.clamav.on_feed = after(1, swap)
    (outcome,) = world.scan(jobs=1)
    assert (outcome.result, outcome.status) == ("incomplete", "SCANNING")


def test_an_attempt_never_replaces_a_verdict(world: World) -> None:
    world.scan()
    before = world.scan_record()
    world.clamav.start_error = "clamd is gone"
    (outcome,) = world.scan(force=True)
    record = world.scan_record()
    assert (outcome.result, outcome.status) == ("incomplete", "PASSED")
    assert before is not None and record is not None and record.attempt is not None
    assert record.model_copy(update={"attempt": None}) == before


def test_bytes_seen_before_are_not_read_again_in_any_version(world: World) -> None:
    world.scan()
    world.put(c__txt=b"new\n")
    world.record("1.1.0")
    world.clamav.opened.clear()
    (outcome,) = world.scan("1.1.0")
    assert (outcome.result, outcome.files_read) == ("passed", 1)
    assert world.clamav.opened == ["c.txt"]
    record = world.scan_record("1.1.0")
    assert record is not None and len(record.files) == 6


def test_a_newer_database_reads_again(world: World) -> None:
    world.scan()
    world.clamav.database = SignatureDatabase(version="27001", date="2026-11-20T08:00:00Z")
    assert world.scan()[0].files_read == 2


def test_a_rescan_that_changes_nothing_writes_nothing_until_the_record_grows_old(world: World) -> None:
    world.scan()
    before = world.scan_path().read_bytes()
    world.now += timedelta(days=60)
    world.clamav.database = SignatureDatabase(version="27060", date="2027-01-18T08:00:00Z")
    (outcome,) = world.scan()
    assert (outcome.result, outcome.written, outcome.files_read) == ("passed", False, 2)
    assert world.scan_path().read_bytes() == before
    world.now += timedelta(days=8)
    world.clamav.database = SignatureDatabase(version="27068", date="2027-01-26T08:00:00Z")
    (outcome,) = world.scan()
    assert (outcome.result, outcome.written) == ("passed", True)


def test_bad_news_about_known_bytes_replaces_the_verdict(world: World) -> None:
    world.scan()
    world.clamav.database = SignatureDatabase(version="27001", date="2026-11-20T08:00:00Z")
    world.content.verdict = None
    world.put(a__txt=TEXT)

    def evil(subject: Subject) -> Outcome | None:
        from budmodel.scanners.interface import Found

        found = Found(code="malware", detail="New", severity="critical", message="known by now")
        return Outcome(engine="clamav", verdict="found", bytes_seen=11, bytes_total=11, found=(found,))

    world.clamav.verdict = evil
    (outcome,) = world.scan()
    assert (outcome.result, outcome.status) == ("failed", "FAILED")


def test_records_are_signed_and_unsigned_ones_are_not_built_upon(world: World, tmp_path: Path) -> None:
    world.scan()
    who = signer(world, tmp_path)
    (outcome,) = world.scan(signer=who)
    # What nobody signed may have been written by anybody.
    assert (outcome.result, outcome.files_read, outcome.written) == ("passed", 2, True)
    record = world.scan_record()
    assert record is not None
    here = world.workspace().snapshot
    version = here.model("tiny").version("1.0.0")
    assert version is not None
    assert judge_signature(record, version.files or (), signers_of(here)).kind == "trusted"
    (again,) = world.scan(signer=who)
    assert (again.files_read, again.written) == (0, False)


def test_without_a_key_a_signed_verdict_stays_as_it_is(world: World, tmp_path: Path) -> None:
    world.scan(signer=signer(world, tmp_path))
    before = world.scan_path().read_bytes()
    world.now += timedelta(days=80)
    (outcome,) = world.scan()
    assert (outcome.result, outcome.written) == ("passed", False)
    assert "give --key" in outcome.notes[0]
    world.clamav.start_error = "clamd is gone"
    (outcome,) = world.scan()
    assert (outcome.result, outcome.written) == ("incomplete", False)
    assert world.scan_path().read_bytes() == before


def test_a_forged_record_is_no_reason_not_to_read(world: World, tmp_path: Path) -> None:
    world.scan(signer=signer(world, tmp_path))
    text = world.scan_path().read_text()
    world.put(a__txt=EVIL)
    world.record("1.1.0")
    # Somebody copies the rows of the clean version, digests and all, and keeps the signature.
    version = world.workspace().snapshot.model("tiny").version("1.1.0")
    assert version is not None
    from budmodel.domain.manifest import manifest_sha256

    old = world.scan_record()
    assert old is not None and old.manifest_sha256 is not None
    forged = text.replace("version: 1.0.0", "version: 1.1.0", 1).replace(
        old.manifest_sha256, manifest_sha256(version.files or ())
    )
    forged = forged.replace("bytes_seen: 11, bytes_total: 11", "bytes_seen: 20, bytes_total: 20")
    world.scan_path("1.1.0").write_text(forged)
    (outcome,) = world.scan("1.1.0", signer=signer(world, tmp_path))
    assert outcome.result == "failed"


def test_a_scan_that_begins_is_shown(world: World) -> None:
    run = world.run()
    ((target, record, place),) = world.targets()  # type: ignore[misc]
    outcome = run.begin(target, record, place)
    assert (outcome.result, outcome.status, outcome.written) == ("begun", "SCANNING", True)
    assert world.clamav.opened == []
    assert world.scan()[0].result == "passed"
    found = world.scan_record()
    assert found is not None and found.attempt is None


def test_a_skip_says_why(world: World) -> None:
    run = world.run()
    ((target, record, _),) = world.targets()  # type: ignore[misc]
    assert run.skip(target, record, "scanned by the vendor").status == "SKIPPED"
    found = world.scan_record()
    assert found is not None and found.reason == "scanned by the vendor"
    again = world.run()
    assert again.skip(target, record, "scanned by the vendor").written is False


def test_ctrl_c_keeps_what_was_seen(world: World) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    world.clamav.on_feed = after(2, interrupt)
    run = world.run(jobs=1)
    with pytest.raises(KeyboardInterrupt):
        list(run.run(world.targets()))  # type: ignore[arg-type]
    record = world.scan_record()
    assert record is not None and record.attempt is not None
    assert (record.status, record.attempt.error) == ("SCANNING", "interrupted")
    world.clamav.on_feed = None
    world.clamav.opened.clear()
    assert world.scan()[0].result == "passed"
    assert len(world.clamav.opened) == 1


def test_a_record_that_cannot_be_written_is_no_verdict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from budmodel.errors import OutsideError
    from budmodel.store.files import Writer

    def full(*arguments: object, **options: object) -> None:
        raise OutsideError("the disk is full")

    monkeypatch.setattr(Writer, "write", full)
    (outcome,) = world.scan()
    assert (outcome.result, outcome.written, outcome.error) == ("incomplete", False, "the disk is full")
    monkeypatch.undo()
    assert world.scan()[0].result == "passed"


def test_many_small_files_and_duplicates(world: World) -> None:
    for number in range(5_000):
        (world.folder / f"n{number}.txt").write_bytes(b"number %d\n" % (number % 7))
    world.record()
    (outcome,) = world.scan(jobs=4)
    assert (outcome.result, outcome.files) == ("passed", 5_002)
