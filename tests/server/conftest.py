"""Services on an index of drawn writers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from identity_provider import IdentityProvider
from PIL import Image
from real_browser import CHROMIUM
from running_service import Running

from sigsearch import SignatureIndex
from sigsearch.synthesis import Writer

DRAWN = ("anna", "bo", "chidi/dara", "李 雷")


@pytest.fixture(scope="session")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Six genuine signatures of each drawn writer."""
    root = tmp_path_factory.mktemp("specimens")
    found: dict[str, list[Path]] = {}
    for at, name in enumerate(DRAWN):
        writer = Writer.from_seed(40 + at)
        found[name] = [root / f"{at}-{number}.png" for number in range(6)]
        for number, path in enumerate(found[name]):
            Image.fromarray(writer.specimen(number).page).save(path)
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, specimens: dict[str, list[Path]]) -> Path:
    """An index of the drawn writers, four references each; to be copied."""
    place = tmp_path_factory.mktemp("built") / "index"
    with SignatureIndex.create(place) as index:
        for name, paths in specimens.items():
            index.enrol(name, paths[:4])
    return place


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture(scope="session")
def shared(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all tests that leave it as they found it."""
    place = tmp_path_factory.mktemp("served") / "index"
    shutil.copytree(built, place)
    running = Running(place).start()
    yield running
    running.stop()


@pytest.fixture
def served(copied: Path) -> Iterator[Running]:
    """A service of one test."""
    running = Running(copied).start()
    yield running
    assert running.process is not None
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    made = IdentityProvider()
    yield made
    made.stop()
