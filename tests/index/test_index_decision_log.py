"""The decision log: what it keeps, and what of it an enemy can change unseen (nothing)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from index_samples import IDENTITY, reference

from sigsearch.errors import IndexCorrupt, IndexFault
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.repair import repair_index
from sigsearch.index.results import LogEntry

NAMES = ["ann", "ký tên", "a/b"]


@pytest.fixture
def index(tmp_path: Path):
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol([reference(name, n) for name in NAMES for n in range(3)])
        yield made


def test_the_audit_log_keeps_events_in_order_and_without_names(index: WriterIndex) -> None:
    log = DecisionLog(index)
    log.append("verify", {"decision": "match", "llr": 2.5}, ["ký tên"])
    log.append("identify", {"decision": "unknown"}, ["ann", "nobody"])
    entries = list(DecisionLog(index).entries())
    assert [(entry.number, entry.event) for entry in entries] == [(1, "verify"), (2, "identify")]
    assert entries[0].writers == tuple(index.numbers(["ký tên"]))
    assert entries[1].writers[1] is None
    assert "ký" not in (index.path / "audit.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("change", ["alter", "drop", "swap", "cut"])
def test_tampering_with_the_audit_log_is_found(index: WriterIndex, change: str) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    for number in range(4):
        log.append("verify", {"n": number})
    lines = path.read_text().splitlines(keepends=True)
    if change == "alter":
        lines[1] = lines[1].replace('"n": 1', '"n": 7')
    elif change == "drop":
        del lines[1]
    elif change == "swap":
        lines[1:3] = lines[2:0:-1]
    else:
        del lines[3]
    path.write_text("".join(lines))
    with pytest.raises(IndexCorrupt, match="3 of 4" if change == "cut" else "line 2"):
        list(log.entries())
    assert not check_index(index.path).sound


def _rewritten(lines: list[bytes], change: str) -> list[bytes]:
    """The lines as an enemy leaves them who makes all hashes anew."""
    if change == "cut":
        return lines[:-1]
    entries, previous = [LogEntry(**json.loads(line)) for line in lines], "0" * 64
    if change == "edit the last":
        entries[-1] = replace(entries[-1], facts={"n": 7})
    elif change == "edit":
        entries[1] = replace(entries[1], facts={"n": 7})
    elif change == "replay":
        entries = [*entries[:2], *entries[:2]]
    written = []
    for number, entry in enumerate(entries, start=1):
        entry = replace(entry, number=number, previous=previous)
        entry = replace(entry, hash=entry.digest())
        previous = entry.hash
        written.append(json.dumps(entry.to_dict(), sort_keys=True, ensure_ascii=False).encode())
    return written


@pytest.mark.parametrize(
    "change", ["cut", "edit", "edit the last", "replay", "delete", "empty", "older copy"]
)
def test_a_log_with_sound_hashes_that_is_not_the_index_own_is_found(
    index: WriterIndex, change: str
) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    for number in range(4):
        if number == 2:
            earlier = path.read_bytes()
        log.append("verify", {"n": number})
    lines = path.read_bytes().splitlines()
    if change == "delete":
        path.unlink()
    elif change in ("empty", "older copy"):
        path.write_bytes(earlier if change == "older copy" else b"")
    else:
        path.write_bytes(b"".join(line + b"\n" for line in _rewritten(lines, change)))
    kept = path.read_bytes() if path.exists() else b""
    assert "audit.log" in check_index(index.path).problems[0]
    with pytest.raises(IndexCorrupt, match="index repair"):
        log.append("verify", {"n": 4})
    assert path.read_bytes() == kept
    done = repair_index(index.path)
    assert "audit.log" in done.lost[0]
    goes_on = log.append("verify", {"n": 5})
    assert goes_on.number == len(kept.splitlines()) + 1
    assert check_index(index.path).sound


def test_a_line_that_a_kill_left_beyond_the_index_is_told_and_counted(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = DecisionLog(index)
    log.append("verify", {"n": 1})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sigsearch.index.local.ledger.Ledger.end_log", killed)
        with pytest.raises(KeyboardInterrupt):
            log.append("verify", {"n": 2})
    health = check_index(index.path)
    assert health.sound
    assert "1 more than the index knows" in health.notes[0]
    assert log.append("verify", {"n": 3}).number == 3
    assert check_index(index.path).notes == ()


def test_a_log_grows_from_several_processes(index: WriterIndex) -> None:
    work = (
        "import sys; from sigsearch.index import WriterIndex;"
        "from sigsearch.index.care.decision_log import DecisionLog;"
        "index = WriterIndex.open(sys.argv[1], read_only=True);"
        "[DecisionLog(index).append('verify', {'n': n}) for n in range(10)]"
    )
    asked = [sys.executable, "-c", work, str(index.path)]
    running = [subprocess.Popen(asked) for _ in range(3)]
    for _ in range(5):
        index.enrol([reference("others", len(index))])
    assert [one.wait() for one in running] == [0, 0, 0]
    assert len(list(DecisionLog(index).entries())) == 30
    assert check_index(index.path).sound


def test_a_torn_last_line_was_never_acknowledged(index: WriterIndex) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    log.append("verify", {"n": 1})
    path.write_bytes(path.read_bytes() + b'{"number": 2, "at"')
    assert len(list(log.entries())) == 1
    log.append("verify", {"text": "x" * 100_000})
    log.append("verify", {"n": 3})
    assert [entry.number for entry in log.entries()] == [1, 2, 3]


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_no_bit_of_the_last_newline_costs_an_entry(tmp_path: Path, key: bytes | None) -> None:
    if key:
        pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=key) as index:
        log, path = DecisionLog(index), index.path / "audit.log"
        for number in range(2):
            log.append("verify", {"n": number})
        whole = path.read_bytes()
        for bit in range(8):
            damaged = whole[:-1] + bytes([whole[-1] ^ 1 << bit])
            path.write_bytes(damaged)
            with pytest.raises(IndexCorrupt, match="end of the last line"):
                log.append("verify", {"n": 2})
            with pytest.raises(IndexCorrupt, match="end of the last line"):
                list(log.entries())
            assert "last line" in check_index(index.path, key).problems[0]
            assert path.read_bytes() == damaged
        for end in range(whole.index(b"\n") + 1, len(whole) - 1):
            path.write_bytes(whole[:end])  # as if the write had been cut short
            with pytest.raises(IndexCorrupt, match="1 of 2 entries"):
                list(log.entries())
        assert not check_index(index.path, key).sound


@pytest.mark.parametrize("line", [b"{}", b"7", b"[1]", b"null", b"\xff\x00", b'{"number": 2}', b""])
def test_a_damaged_last_line_is_named_and_kept(index: WriterIndex, line: bytes) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    log.append("verify", {"n": 1})
    path.write_bytes(path.read_bytes() + line + b"\n")
    damaged = path.read_bytes()
    with pytest.raises(IndexCorrupt, match=r"audit\.log: (the last )?line"):
        log.append("verify", {"n": 2})
    assert path.read_bytes() == damaged


def test_the_audit_log_needs_nothing_that_windows_lacks(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.pread", raising=False)
    for number in range(3):
        DecisionLog(index).append("verify", {"text": "x" * 70_000})
        assert number + 1 == len(list(DecisionLog(index).entries()))


def test_the_audit_log_of_an_encrypted_index_is_sealed(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=bytes(32)) as index:
        log = DecisionLog(index)
        log.append("verify", {"decision": "match"})
        log.append("verify", {"decision": "non_match"})
        assert [entry.facts["decision"] for entry in log.entries()] == ["match", "non_match"]
        assert b"match" not in (index.path / "audit.log").read_bytes()


def test_a_file_with_another_name_is_not_cut(index: WriterIndex, tmp_path: Path) -> None:
    letters = tmp_path / "letters.txt"
    letters.write_bytes(b"somebody else's")
    (index.path / "audit.log").hardlink_to(letters)
    with pytest.raises(IndexFault, match="not a regular file"):
        DecisionLog(index).append("verify", {})
    assert letters.read_bytes() == b"somebody else's"
