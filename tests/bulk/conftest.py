"""The encoder that ships: other processes open it, too."""

from __future__ import annotations

import pytest

from sigsearch.encoder import Encoder


@pytest.fixture(scope="session")
def shipped() -> Encoder:
    return Encoder.load()
