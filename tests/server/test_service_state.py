"""What a service keeps: brought up to date, and moved."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from running_postgres import PostgresServer

from sigsearch.errors import ArgumentRefused, StateFault
from sigsearch.index.postgres.address import Address
from sigsearch.server.settings import Settings
from sigsearch.server.state.cases import Opinion
from sigsearch.server.state.database import FILE
from sigsearch.server.state.state import State
from sigsearch.server.state.steps import STEPS


def filled(state: State) -> dict[str, str]:
    """A little of everything; the names of it."""
    entry, whole = state.keys.add("default", "Anna", ["decide"])
    token = state.sessions.begin(entry)
    names = ["w\0", "w\\0"]
    evidence = state.evidence.keep(
        "default", "Anna", "verify", {"a": "\0"}, {"b": 1}, ["c"], names, [("x\0", b"\0data")]
    )
    case = state.cases.add(
        "default", "Anna", "name", "w\0", "doc", evidence, {"b": 1}, ["r"], {0: b"\0", 4: b"b"}
    )
    state.cases.give("default", Opinion(case, "Anna", "match", ("slant",), "\0", True, 1.5))
    state.tenants.add("branch", "answer-first")
    return {"key": whole, "token": token, "evidence": evidence, "case": case}


def is_filled(state: State, names: dict[str, str]) -> None:
    assert state.keys.find(names["key"]) is not None
    assert state.sessions.find(names["token"]) is not None
    piece = state.evidence.find("default", names["evidence"])
    assert (piece.asked, piece.images) == ({"a": "\0"}, [("x\0", b"\0data")])
    case = state.cases.find("default", names["case"])
    assert (case.writer, case.opinions[0].remark, case.opinions[0].at) == ("w\0", "\0", 1.5)
    assert state.documents.image(case.id, 4) == b"b"
    assert [one.desk for one in state.tenants.all()] == ["as-service", "answer-first"]
    state.erase("default", "w\0")
    with pytest.raises(Exception, match="erased"):
        state.evidence.find("default", names["evidence"])


def test_tables_of_the_first_format_are_brought_up_by_one_of_several(tmp_path: Path):
    with State(tmp_path) as state:
        whole = state.keys.add("default", "Anna", ["ask"])[1]
    with sqlite3.connect(tmp_path / FILE) as old:
        for columns in STEPS:
            for table, column in columns:
                old.execute(f"ALTER TABLE {table.name} DROP COLUMN {column}")
        for table in ("services", "buckets", "archives"):
            old.execute(f"DROP TABLE {table}")
        old.execute("UPDATE about SET version = 1")
        old.execute(
            "INSERT INTO jobs VALUES "
            "('j', 'default', 'x', 'erase', '{}', 'running', 0, NULL, NULL, 1.0, NULL)"
        )
    old.close()
    found: list[object] = []

    def opened() -> None:
        try:
            with State(tmp_path) as state:
                found.append(state.keys.find(whole))
        except Exception as fault:
            found.append(fault)

    crew = [threading.Thread(target=opened) for _ in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert [getattr(one, "person", one) for one in found] == ["Anna"] * 4
    with State(tmp_path) as state:
        job = state.jobs.next()
        assert job is not None
        assert job.id == "j"
        assert state.tenants.change("default", "answer-first").desk == "answer-first"
        with pytest.raises(ArgumentRefused, match="own-opinion-first"):
            state.tenants.change("default", "sometimes")  # type: ignore[arg-type]


def test_a_later_release_is_refused(tmp_path: Path):
    State(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as later:
        later.execute("UPDATE about SET version = 99")
    later.close()
    with pytest.raises(StateFault, match="later release"):
        State(tmp_path)


def test_only_the_one_who_does_a_job_ends_it(tmp_path: Path):
    with State(tmp_path) as first, State(tmp_path) as second:
        first.services.begin()
        job = first.jobs.add("default", "x", "erase", {})
        assert first.jobs.next() is not None
        assert second.jobs.next() is None  # the first is alive
        second.services.begin()  # in a folder whoever starts is alone
        assert second.jobs.next() is not None
        assert not first.jobs.progress(job.id, 1, 2, {})
        first.jobs.end(job.id, "stopped", {})
        assert second.jobs.progress(job.id, 1, 2, {"ours": 1})
        assert second.jobs.find("default", job.id).report == {"ours": 1}


def test_what_a_service_keeps_moves_to_a_database_and_back(
    tmp_path: Path, database: PostgresServer
):
    address = database.address(f"moved_{time.monotonic_ns()}")
    folder = Settings(tmp_path / "one").state_folder
    with State(folder) as state:
        names = filled(state)

    def copy(source: object, target: object) -> subprocess.CompletedProcess[str]:
        words = ["serve", "copy", str(source), str(target), "--json"]
        return subprocess.run(
            [sys.executable, "-m", "sigsearch", *words], capture_output=True, text=True
        )

    done = copy(tmp_path / "one", address)
    assert json.loads(done.stdout) == {
        "tenants": 2, "keys": 1, "evidence": 1, "cases": 1, "jobs": 0,
    }  # fmt: skip
    again = copy(tmp_path / "one", address)
    assert again.returncode != 0
    assert "already has keys" in again.stderr
    assert copy(address, tmp_path / "two").returncode == 0
    for place in (Address.parse(address), Settings(tmp_path / "two").state_folder):
        with State(place) as state:
            is_filled(state, names)
