"""The door's suite over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from door_suite import DoorSuite, Make
from index_samples import IDENTITY
from running_postgres import PostgresServer

from sigsearch.index import Index
from sigsearch.index.opening import create_index

_NUMBERS = count()


class TestPostgres(DoorSuite):
    @pytest.fixture
    def make(self, database: PostgresServer) -> Iterator[Make]:
        number = next(_NUMBERS)
        made: list[Index] = []

        def make(name: str) -> Index:
            address = database.address(f"door_{number}_{name}")
            made.append(create_index(address, IDENTITY, exist_ok=True))
            return made[-1]

        yield make
        for one in made:
            one.close()
