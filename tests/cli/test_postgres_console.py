"""The console with an index in a database; and answers equal to those from a folder, bit by bit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running_postgres import PostgresServer
from typer.testing import CliRunner

from sigsearch.cli.app import app
from sigsearch.encoder import Encoder
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import IndexFault, SigsearchError
from sigsearch.index.copying import copy_index
from sigsearch.index.embedded import EmbeddedIndex
from sigsearch.index.postgres.postgres_index import PostgresIndex


@pytest.fixture(autouse=True)
def small(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "load", lambda *_: encoder)


def run(*words: object, code: int | None = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert code is None or done.exit_code == code, done.output
    return done.stdout


def test_every_command_takes_an_address(
    references: Path, tmp_path: Path, database: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    address = database.address("console", password="hush")
    shown = database.address("console")
    images = [references / "anna" / f"{n}.png" for n in range(3)]
    said = [
        run("index", "add", "anna", *images, "--index", address, "--meta", "branch=hue", "--log"),
        run("index", "add", "bo", references / "bo" / "0.png", "--index", address),
        run("index", "list", "--index", address),
        run("index", "references", "anna", "--index", address),
        run("index", "check", "--index", address),
        run("index", "compact", "--index", address),
        run("index", "optimise", "--index", f"{address}&cache={tmp_path / 'cache'}"),
        run("account", "set", "ACME", "anna alone", "--index", address),
        run("account", "list", "--index", address),
        run("account", "remove", "ACME", "--index", address),
        run("query", images[0], "--index", address, "--json", code=None),
        run("verify", images[1], "--writer", "anna", "--index", address, "--log", code=None),
        run("index", "log", "--index", address),
        run("index", "rename", "bo", "bob", "--index", address),
        run("index", "export", tmp_path / "out.parquet", "--index", address),
        run("index", "copy", address, tmp_path / "folder"),
        run("index", "copy", tmp_path / "folder", database.address("console_back")),
        run("index", "erase", "bob", "--receipt", tmp_path / "receipt.json", "--index", address),
        run("index", "forget", "anna", "--index", address),
        run("index", "import", tmp_path / "out.parquet", "--index", address),
        run("index", "info", "--index", address, "--json"),
    ]
    info = json.loads(said[-1])
    assert (info["path"], info["writer_count"], info["reference_count"]) == (shown, 2, 4)
    assert "4 references of 2 writers" in said[15]
    assert "hush" not in "".join(said)
    with pytest.raises(IndexFault, match="cache=FOLDER"):
        run("index", "optimise", "--index", address)
    for command in ("repair", "migrate", "rekey"):
        done = CliRunner().invoke(app, ["index", command, "--index", address])
        assert done.exit_code == 2
        assert "is in a database" in done.output
        assert "hush" not in done.output
    monkeypatch.setenv("SIGSEARCH_INDEX", address)
    assert "anna" in run("index", "list")


def test_all_scores_and_verdicts_are_equal(
    references: Path, tmp_path: Path, database: PostgresServer, encoder: Encoder
):
    SignatureIndex.build(references, tmp_path / "folder", encoder)[0].close()
    address = database.address("equal")
    with (
        EmbeddedIndex.open(tmp_path / "folder") as old,
        PostgresIndex.create(address, old.identity) as new,
    ):
        copy_index(old, new)
    images = sorted(references.rglob("*.png"))
    with (
        SignatureIndex.open(tmp_path / "folder", encoder) as folder,
        SignatureIndex.open(address, encoder) as database_index,
    ):
        for image in images[::11]:
            answers = [one.identify(image, k=6).to_dict() for one in (folder, database_index)]
            assert answers[0] == answers[1]
        for image in images[::15]:
            for writer in ("李 雷", image.parent.name):
                answers = [one.verify(image, writer).to_dict() for one in (folder, database_index)]
                assert answers[0] == answers[1]
        for one in (folder, database_index):
            with pytest.raises(SigsearchError, match="nobody"):
                one.verify(images[0], "nobody")
