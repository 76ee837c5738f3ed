"""The door's suite over each of its fillings."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_suite import DoorSuite, Make
from index_samples import IDENTITY

from sigsearch.index import EmbeddedIndex, Index


class TestEmbedded(DoorSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        def made(name: str) -> Index:
            return EmbeddedIndex.create(tmp_path / name, IDENTITY, exist_ok=True)

        return made
