"""An index in PostgreSQL: faults by name, many processes, seals, moves, erasure, lost servers."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same, vector
from running_postgres import PostgresServer

from sigsearch.errors import (
    ArgumentRefused,
    EncoderMismatch,
    ExtraMissing,
    IndexBusy,
    IndexCorrupt,
    IndexFault,
    IndexLocked,
    IndexMissing,
    IndexNewer,
    IndexReadOnly,
    IndexReplaced,
    IndexUnreachable,
    VerifyOnly,
    WriterUnknown,
)
from sigsearch.index import Index, Reference
from sigsearch.index.opening import check_index, create_index, open_index

KEY = bytes(range(32))
_NUMBERS = count()


@pytest.fixture
def address(database: PostgresServer) -> str:
    """Where no index is yet."""
    return database.address(f"own_{next(_NUMBERS)}")


@pytest.fixture
def index(address: str) -> Iterator[Index]:
    with create_index(address, IDENTITY) as made:
        yield made


def schema_of(address: str) -> str:
    return f"sigsearch_{address.partition('index=')[2].partition('&')[0]}"


def test_faults_are_named(address: str, index: Index, database: PostgresServer):
    with pytest.raises(IndexMissing, match="nobody"):
        open_index(database.address("nobody"))
    with pytest.raises(IndexUnreachable, match="cannot be reached"):
        open_index("postgresql://secret:word@/x?host=/nowhere&index=a")
    with pytest.raises(EncoderMismatch, match="reencode"):
        open_index(address, replace(IDENTITY, id="another"))
    with pytest.raises(IndexLocked, match="not encrypted"):
        open_index(address, key=KEY)
    with pytest.raises(IndexFault, match="already holds"):
        create_index(address, IDENTITY)
    for text in ("postgresql://host/db", "postgresql://host/db?index=A;B"):
        with pytest.raises(ArgumentRefused, match="index=acme"):
            open_index(text)
    with pytest.raises(ArgumentRefused, match="as text"):
        open_index(Path("postgresql://host/db?index=a"))
    with open_index(address, read_only=True) as reader, pytest.raises(IndexReadOnly):
        reader.enrol([reference("ann")])


def test_a_password_is_shown_nowhere(database: PostgresServer):
    address = database.address("shown", password="hush-hush").replace("postgres@", "postgres:hush@")
    with create_index(address, IDENTITY) as made:
        told = [made.place, made.info().path, repr(made.store.address)]
        with pytest.raises(IndexFault) as fault:
            create_index(address, IDENTITY)
        told.append(str(fault.value))
    with pytest.raises(IndexUnreachable) as gone:
        open_index(address.replace(str(database.folder), "/nowhere"))
    assert not any("hush" in one for one in (*told, str(gone.value)))
    with open_index(made.place) as again:
        assert again.place == made.place


@pytest.mark.parametrize("hosts", ["db1,db2/x?", "db1:5432,db2:5433/x?", "/x?host=db1,db2&"])
def test_of_several_hosts_the_one_that_accepts_writes_is_wanted(hosts: str):
    from sigsearch.index.postgres.address import Address

    assert (
        "target_session_attrs=read-write"
        in Address.parse(f"postgresql://{hosts}index=a").connection
    )
    own = Address.parse(f"postgresql://{hosts}index=a&target_session_attrs=any")
    assert "target_session_attrs=any" in own.connection
    assert "target_session_attrs" not in Address.parse("postgresql://db1/x?index=a").connection


def test_without_psycopg_the_extra_is_named(
    address: str, index: Index, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ExtraMissing, match=r"sigsearch\[postgres\]"):
        open_index(address)


def test_a_later_format_is_refused_and_an_older_one_brought_up_once(
    address: str, index: Index, database: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    from sigsearch.index.postgres import schema

    index.enrol([reference("ann")])
    step = "CREATE TABLE {s}.marks (one boolean PRIMARY KEY DEFAULT true)"
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    with pytest.raises(IndexFault, match="open it for writing"):
        open_index(address, read_only=True)
    with ThreadPoolExecutor(4) as several:  # the table can be made only once
        for opened in several.map(open_index, [address] * 4):
            assert len(opened.references("ann")) == 1
            opened.close()
    monkeypatch.undo()
    later = len(schema.STEPS) + 1
    with pytest.raises(IndexNewer, match=f"format {later}"):
        open_index(address)
    assert database.ask(f"SELECT format FROM {schema_of(address)}.about") == [(later,)]


def test_many_threads_and_handles_enrol_at_once(address: str, index: Index):
    """Each writer is whole, nobody is there twice, and generations have no gaps."""

    def enrol(at: int) -> int:
        with open_index(address) as own:
            done = 0
            for number in range(6):
                batch = [reference(f"w{(at + k) % 5}", number * 7 + k) for k in range(3)]
                done += own.enrol(batch)
            return done

    with ThreadPoolExecutor(4) as several:
        done = sum(several.map(enrol, range(4)))
    state = index.state()
    assert state.reference_count == done == sum(w.reference_count for w in index.writers())
    held = index.references_of([f"w{n}" for n in range(5)])
    hashes = [one.content_hash for refs in held for one in refs]
    assert len(hashes) == len(set(hashes)) == done
    assert index.search(vector(3), 5).writer_count == 5
    assert check_index(address).sound


def test_a_writer_keeps_others_out_and_itself_goes_on(address: str, index: Index):
    from sigsearch.index.postgres.postgres_index import PostgresIndex

    with PostgresIndex.open(address, wait=0.2) as other:
        with index.writing():
            index.enrol([reference("ann")])
            assert other.search(reference("ann").vector, 1).writers[0].tolist() == ["ann"]
            with pytest.raises(IndexBusy):
                other.enrol([reference("bob")])
            with pytest.raises(WriterUnknown):  # which gives nothing up
                index.forget("nobody")
            with index.writing():
                index.enrol([reference("carl")])
        assert other.enrol([reference("bob")]) == 1
    assert [one.name for one in index.writers()] == ["ann", "carl", "bob"]


def test_a_lost_connection_is_taken_up_again(address: str, index: Index, database: PostgresServer):
    index.enrol([reference("ann")])
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='sigsearch'"
    )
    for number in range(1, 4):
        database.ask(cut)
        assert index.enrol([reference("ann", number)]) == 1
        database.ask(cut)
        assert len(index.references("ann")) == number + 1
    database.ask(cut)
    index.note("verify", {"n": 1})
    assert [one.number for one in index.decisions()] == [1]


@pytest.mark.parametrize("stored", [True, False])
def test_a_change_whose_commit_was_lost_is_made_once(
    address: str, index: Index, stored: bool, monkeypatch: pytest.MonkeyPatch
):
    """The connection breaks at the commit, before or after it was stored: the token tells."""
    import psycopg

    whole = psycopg.Connection.commit
    broken = []

    def commit(self: psycopg.Connection[object]) -> None:
        if not broken and not self.read_only:
            broken.append(True)
            if stored:
                whole(self)
            raise psycopg.OperationalError("the connection was lost")
        whole(self)

    monkeypatch.setattr(psycopg.Connection, "commit", commit)
    assert index.enrol([reference("ann"), reference("bob")]) == 2
    assert broken
    assert index.state().generation == 1
    broken.clear()
    entry = index.note("verify", {"n": 1}, ["ann"])
    assert [one.hash for one in index.decisions()] == [entry.hash]


def test_a_server_that_stops_and_starts_again(address: str, index: Index):
    """Readers and writers wait for it, on a server of this test's own."""
    server = PostgresServer()
    try:
        with create_index(server.address("a"), IDENTITY) as own:
            own.enrol([reference("ann")])
            server.kill()
            with ThreadPoolExecutor(1) as other:
                done = other.submit(own.enrol, [reference("bob")])
                server.start()
                assert done.result() == 1
            assert own.search(reference("ann").vector, 5).writer_count == 2
    finally:
        server.stop()


def test_sealed_records_show_nothing(address: str, database: PostgresServer):
    given = [reference(name, n) for name in ("ann-the-first", "bob") for n in range(3)]
    with create_index(address, IDENTITY, key=KEY) as made:
        made.enrol(given)
        made.put_setting("rules", {"who": "ann-the-first"})
        made.note("verify", {"who": "ann-the-first"}, ["bob"])
        assert all(map(same, made.references("bob"), given[3:]))
        assert made.search(given[0].vector, 1, {"branch": "Hà Nội"}).writers[0].tolist() == [
            "ann-the-first"
        ]
    schema = schema_of(address)
    for table in ("writers", "enrolled", "settings", "log", "state", "changes"):
        dumped = str(database.ask(f"SELECT t::text FROM {schema}.{table} t"))
        for secret in (b"ann-the-first", given[0].vector.tobytes()[:32], given[0].local[:16]):
            assert secret.hex() not in dumped
            assert "ann-the-first" not in dumped
    with pytest.raises(IndexLocked, match="different key"):
        open_index(address, key=bytes(32))
    with pytest.raises(IndexLocked, match="give its key"):
        open_index(address)


def test_a_verify_only_index_opens_by_name_alone(address: str):
    with create_index(address, IDENTITY, key=KEY, verify_only=True) as made:
        made.enrol([reference("ann"), reference("bob")])
        assert same(made.references("ann")[0], reference("ann"))
        assert made.rename("ann", "anna") == 1
        assert same(made.references("anna")[0], replace(reference("ann"), writer="anna"))
        assert made.forget("bob") == 1
        for ask in (lambda: list(made.writers()), lambda: made.search(vector(1), 1)):
            with pytest.raises(VerifyOnly):
                ask()
    assert check_index(address, KEY).sound


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE {s}.enrolled SET vector = overlay(vector placing 'x'::bytea from 9)", "vector"),
        ("UPDATE {s}.writers SET record = overlay(record placing 'x'::bytea from 2)", "writer"),
        ("DELETE FROM {s}.enrolled WHERE id = 2", "references"),
        ("DELETE FROM {s}.log WHERE number = 1", "log"),
        ("UPDATE {s}.state SET record = overlay(record placing 'xx'::bytea from 9)", "checksum"),
    ],
)
def test_what_was_altered_is_found(
    address: str, index: Index, database: PostgresServer, change: str, told: str
):
    index.enrol([reference("ann", n) for n in range(3)])
    index.note("verify", {})
    assert check_index(address).sound
    assert not check_index(address, at_least=99).sound
    database.ask(change.format(s=schema_of(address)))
    health = check_index(address)
    assert not health.sound
    assert told in " ".join(health.problems)
    if "enrolled" in change or "writers" in change:
        with pytest.raises(IndexCorrupt):
            index.references("ann")


def test_an_erasure_says_what_may_be_left(
    address: str, index: Index, database: PostgresServer, tmp_path: Path
):
    index.enrol([reference(name, n) for name in ("ann", "bob") for n in range(3)])
    receipt = index.erase("ann", tmp_path / "receipt.json")
    kept = json.loads((tmp_path / "receipt.json").read_text())["content"]
    assert kept["sha256"] == receipt.sha256 == receipt.sealed().sha256
    assert not kept["overwritten"]
    for word in ("write-ahead log", "VACUUM", "base backups", "cache folders", "30 minutes"):
        assert word in " ".join(kept["not_shown"])
    rows = database.ask(f"SELECT count(*) FROM {schema_of(address)}.enrolled")
    assert rows == [(3,)]
    with pytest.raises(IndexFault):
        index.erase("bob", tmp_path / "no" / "such" / "folder" / "receipt.json")
    assert len(index.references("bob")) == 3


def test_a_search_follows_what_others_change(address: str, index: Index):
    given = [reference(f"w{n}", n) for n in range(40)]
    with open_index(address, read_only=True) as other:
        for step in range(0, 40, 8):
            index.enrol(given[step : step + 8])
            assert other.search(given[step + 3].vector, 1).writers[0].tolist() == [f"w{step + 3}"]
            index.forget(f"w{step}")
            found = other.search(np.stack([given[step].vector]), 40)
            assert f"w{step}" not in found.writers[0]
            assert found.writer_count == index.state().writer_count == found.writers.shape[1]


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few references are enough for clusters."""
    from sigsearch.index.search import searcher
    from sigsearch.index.search.structures import choice

    monkeypatch.setattr(searcher, "SNAPSHOT_FROM", 1)
    monkeypatch.setattr(choice, "NUMPY_UP_TO", 1)
    monkeypatch.setattr(choice, "EXACT_UP_TO", 40)


@pytest.mark.usefixtures("clusters")
def test_clusters_in_a_cache_folder_follow_the_database(database: PostgresServer, tmp_path: Path):
    address = database.address("clusters", cache=str(tmp_path / "cache"))
    given = [reference(f"w{n // 2}", n) for n in range(800)]
    with create_index(address, IDENTITY) as made:
        made.enrol(given)
        made.optimise()
        assert made.info().structure == "faiss ivf"
        (kept,) = (tmp_path / "cache").iterdir()
        assert kept.stat().st_mode & 0o077 == 0
    plain = database.address("clusters")
    with open_index(address) as one, open_index(plain) as other:
        asked = np.stack([given[n].vector for n in (0, 13, 500)])
        assert one.search(asked, 1).writers[:, 0].tolist() == ["w0", "w6", "w250"]
        other.forget("w6")
        other.enrol([reference("new", n) for n in range(3)])
        assert "w6" not in one.search(asked, 400).writers
        assert one.search(reference("new", 2).vector, 1).writers[0].tolist() == ["new"]
        exact, found = other.search(asked, 3), one.search(asked, 3)
        assert (exact.generation, exact.writer_count) == (found.generation, found.writer_count)
        assert one.search(asked, 1, {"branch": "Hà Nội"}).writer_count == 400
        receipt = one.erase("w250", tmp_path / "receipt.json")
        assert receipt.reference_count == 2
        assert not any((tmp_path / "cache").rglob("*.mapped"))  # what held the vectors
    with open_index(plain) as former:
        database.ask("DROP SCHEMA sigsearch_clusters CASCADE")
        with pytest.raises(IndexMissing):
            former.search(asked, 1)
        with create_index(address, IDENTITY) as anew:
            assert anew.search(asked, 1).writer_count == 0
            with pytest.raises(IndexReplaced, match="open it again"):
                former.search(asked, 1)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def _holds(folder: Path, wanted: bytes) -> bool:
    return any(wanted in one.read_bytes() for one in folder.rglob("*") if one.is_file())


def _elsewhere(
    database: PostgresServer, tmp_path: Path, name: str, writers: int = 200
) -> tuple[Index, str, list[Reference]]:
    """An index with clusters in the cache folder of another machine; its address there."""
    given = [reference(f"w{n // 2}", n) for n in range(2 * writers)]
    with create_index(database.address(name), IDENTITY) as made:
        made.enrol(given)
    address = database.address(name, cache=str(tmp_path / "elsewhere"))
    with open_index(address) as other:
        other.optimise()
    assert _holds(tmp_path / "elsewhere", given[0].vector.tobytes())
    return open_index(database.address(name, cache=str(tmp_path / "here"))), address, given


@pytest.mark.usefixtures("clusters")
def test_one_machine_trains_the_clusters_of_all_until_somebody_is_erased(
    database: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from sigsearch.index.search.structures import centroids

    trained: list[int] = []
    train = centroids.trained

    def counted(vectors: np.ndarray, count: int) -> object:
        trained.append(count)
        return train(vectors, count)

    monkeypatch.setattr(centroids, "trained", counted)
    here, address, given = _elsewhere(database, tmp_path, "trained_once")
    with here, open_index(address) as other:
        here.optimise()
        assert len(trained) == 1
        asked = np.stack([one.vector for one in given[:50]])
        assert (here.search(asked, 5).similarity == other.search(asked, 5).similarity).all()
        here.erase("w0", tmp_path / "receipt.json")
        assert database.ask("SELECT count(*) FROM sigsearch_trained_once.centroids") == [(0,)]
        here.optimise()
        assert len(trained) == 2
    with open_index(address) as other:
        database.ask("UPDATE sigsearch_trained_once.centroids SET record = '\\x0102030405'")
        assert "centroids" in check_index(address).problems[0]
        other.optimise()  # which trains them again
        assert check_index(address).sound
    assert len(trained) == 3


@pytest.mark.usefixtures("clusters")
def test_centroids_of_before_an_erasure_are_not_kept(database: PostgresServer, tmp_path: Path):
    here, _, given = _elsewhere(database, tmp_path, "too_late")
    with here:
        before = here.state()
        here.erase("w0", tmp_path / "receipt.json")
        book = here.store.centroids
        book.keep(np.stack([one.vector for one in given[:16]]), before)
        assert book.read() is None
        book.keep(np.stack([one.vector for one in given[2:18]]), here.state())
        assert book.read() is not None


@pytest.mark.usefixtures("clusters")
@pytest.mark.parametrize("read_only", [False, True])
def test_where_the_index_is_open_an_erasure_reaches_memory_and_files(
    database: PostgresServer, tmp_path: Path, read_only: bool, monkeypatch: pytest.MonkeyPatch
):
    from sigsearch.index.postgres import renewal

    monkeypatch.setattr(renewal, "EVERY", 0.05)
    here, address, given = _elsewhere(database, tmp_path, f"reached_{int(read_only)}")
    with here, open_index(address, read_only=read_only) as other:
        assert other.search(given[0].vector, 1).writers[0].tolist() == ["w0"]
        before = other._searcher._cache
        here.forget("w9")  # who is not erased
        time.sleep(0.3)
        assert other._searcher._cache is before
        here.erase("w0", tmp_path / "receipt.json")
        generation = here.state().generation
        until = time.monotonic() + 60
        while other._searcher._cache is before or (
            not read_only and other._searcher._since < generation
        ):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert not _holds(tmp_path / "elsewhere", given[0].vector.tobytes())
        assert _holds(tmp_path / "elsewhere", given[2].vector.tobytes()) != read_only
        found = other.search(given[0].vector, 400)
        assert "w0" not in found.writers
        assert found.writer_count == 198


@pytest.mark.usefixtures("clusters")
def test_where_nobody_searches_an_erasure_reaches_files_at_the_next_opening(
    database: PostgresServer, tmp_path: Path
):
    here, address, given = _elsewhere(database, tmp_path, "opened_later")
    with here:
        here.erase("w0", tmp_path / "receipt.json")
    with open_index(address, read_only=True) as other:
        assert not _holds(tmp_path / "elsewhere", given[0].vector.tobytes())
        assert other.search(given[2].vector, 1).writers[0].tolist() == ["w1"]
    with open_index(address) as other:
        other.optimise()
    with open_index(address, read_only=True) as other:  # what is younger stays
        assert _holds(tmp_path / "elsewhere", given[2].vector.tobytes())
