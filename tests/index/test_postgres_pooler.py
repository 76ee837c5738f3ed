"""An index behind a pooler that gives each transaction a session of the server's: the door's suite,
and that nothing is left in a session for the next who gets it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from door_suite import DoorSuite, Make
from index_samples import IDENTITY, reference
from running_pgbouncer import PROGRAM, PgBouncer
from running_postgres import PostgresServer

from sigsearch.errors import IndexBusy, IndexUnreachable
from sigsearch.index import Index
from sigsearch.index.opening import check_index, create_index

_NUMBERS = count()
_LEFT = (
    "SELECT current_setting('lock_timeout'), current_setting('jit'), "
    "(SELECT count(*) FROM pg_prepared_statements), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
)


@pytest.fixture
def seems_pooled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler shows a process id of its own; so does what this leaves of a direct connection."""
    psycopg = pytest.importorskip("psycopg")
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda info: -1))


@pytest.mark.usefixtures("seems_pooled")
class TestPooled(DoorSuite):
    @pytest.fixture
    def make(self, database: PostgresServer) -> Iterator[Make]:
        yield from _made(database, f"pooled_{next(_NUMBERS)}")


@pytest.fixture(scope="module")
def pooler(database: PostgresServer) -> Iterator[PgBouncer]:
    if PROGRAM is None:
        pytest.skip("NO PGBOUNCER on the PATH")
    running = PgBouncer(database)
    yield running
    running.stop()


class TestPgBouncer(DoorSuite):
    @pytest.fixture
    def make(self, pooler: PgBouncer) -> Iterator[Make]:
        yield from _made(pooler, f"bouncer_{next(_NUMBERS)}")

    def test_nothing_is_left_for_the_next(self, make: Make, pooler: PgBouncer):
        with make("left") as index:
            for number in range(12):
                index.enrol([reference("ann", number)])
                index.search(reference("ann", number).vector, 1)
            with index.writing():
                index.forget("ann")
        assert {pooler.ask(_LEFT)[0] for _ in range(6)} == {("0", "on", 0, 0)}

    def test_more_at_once_than_the_pooler_has_connections(self, make: Make):
        """Enrolments of overlapping writers over 12 handles: none is lost, none is there twice."""

        def enrol(at: int) -> int:
            with make("many") as own:
                return sum(own.enrol([reference(f"w{n % 4}", at % 6)]) for n in range(8))

        make("many")
        with ThreadPoolExecutor(12) as several:
            done = sum(several.map(enrol, range(12)))
        with make("many") as index:
            assert done == 4 * 6 == index.state().reference_count
            assert check_index(index.place).sound


@pytest.mark.skipif(PROGRAM is None, reason="NO PGBOUNCER on the PATH")
def test_a_server_behind_the_pooler_stops_and_starts_again():
    server = PostgresServer()
    running = PgBouncer(server)
    try:
        with create_index(running.address("again"), IDENTITY) as index:
            index.enrol([reference("ann")])
            for number in range(3):
                server.kill()
                with ThreadPoolExecutor(2) as several:
                    done = several.submit(index.enrol, [reference("bob", number)])
                    found = several.submit(index.references, "ann")
                    server.start()
                    assert done.result() == 1
                    assert len(found.result()) == 1
            assert len(index.references("bob")) == 3
    finally:
        running.stop()
        server.stop()


@pytest.mark.usefixtures("seems_pooled")
def test_a_session_is_left_as_it_was(database: PostgresServer):
    from sigsearch.index.postgres.postgres_index import PostgresIndex

    address = database.address("as_it_was")
    with PostgresIndex.create(address, IDENTITY) as index:
        for number in range(12):
            index.enrol([reference("ann", number)])
            index.references("ann")
        with index.writing():
            index.forget("ann")
        kept = index.store.connections._idle
        assert kept
        for connection in kept:
            assert connection.execute(_LEFT.encode()).fetchone() == ("0", "on", 0, 0)
            connection.rollback()


@pytest.mark.parametrize("pooled", [False, True])
def test_writing_ends_with_the_lock_that_it_rests_on(
    database: PostgresServer, request: pytest.FixtureRequest, pooled: bool
):
    """What another changed meanwhile would not be seen: the change is refused, nothing is done."""
    from sigsearch.index.postgres.postgres_index import PostgresIndex

    if pooled:
        request.getfixturevalue("seems_pooled")
    address = database.address(f"rests_{int(pooled)}")
    with create_index(address, IDENTITY) as index, PostgresIndex.open(address, wait=0.2) as other:
        with index.writing():
            index.enrol([reference("ann")])
            with pytest.raises(IndexBusy):
                other.enrol([reference("bob")])
            database.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND mode = 'ExclusiveLock' AND granted"
            )
            assert other.enrol([reference("bob")]) == 1
            with pytest.raises(IndexUnreachable, match="make them again"):
                index.enrol([reference("carl")])
        assert [one.name for one in index.writers()] == ["ann", "bob"]
        assert index.enrol([reference("carl")]) == 1


def _made(where: PostgresServer | PgBouncer, prefix: str) -> Iterator[Make]:
    made: list[Index] = []

    def make(name: str) -> Index:
        made.append(create_index(where.address(f"{prefix}_{name}"), IDENTITY, exist_ok=True))
        return made[-1]

    yield make
    for one in made:
        one.close()
