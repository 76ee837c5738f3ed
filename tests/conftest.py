"""Fixtures shared by all tests: invented writers on disk, and a small encoder without weights."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image
from running_postgres import IS_THERE, PostgresServer
from small_encoder import make_encoder

from sigsearch.encoder import Encoder
from sigsearch.synthesis import Writer, forge

if "PYTEST_XDIST_WORKER" in os.environ:
    # Threads of several processes would wait for one another, at many times the cost.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is no fault of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The small encoder, in a folder with its matcher and a calibration fitted on 12 writers."""
    return make_encoder(tmp_path_factory.mktemp("encoder"), "patches-1")


@pytest.fixture(scope="session")
def references(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six writers, a folder each (one with an awkward name), five genuine and two forgeries."""
    root = tmp_path_factory.mktemp("references")
    for at, name in enumerate(("anna", "bo", "chidi", "dara", "émile o'neill", "李 雷")):
        writer = Writer.from_seed(40 + at)
        folder = root / name
        folder.mkdir()
        for number in range(5):
            Image.fromarray(writer.specimen(number).page).save(folder / f"{number}.png")
        for number in range(2):
            forged = forge(writer, number, forger=70 + at, level="seen")
            Image.fromarray(forged.page).save(folder / f"forgery_{number}.png")
    return root


@pytest.fixture(scope="session")
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this session."""
    if not IS_THERE:
        warnings.warn("POSTGRESQL WAS NOT TESTED: pip install -e '.[dev]'", stacklevel=1)
        pytest.skip("NO POSTGRESQL: pip install -e '.[dev]'")
    server = PostgresServer()
    yield server
    server.stop()
