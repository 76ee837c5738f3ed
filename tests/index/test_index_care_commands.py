from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from index_samples import IDENTITY, reference
from typer.testing import CliRunner

from sigsearch.cli.index import care, transfer
from sigsearch.errors import IndexLocked
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog

app = typer.Typer()
care.register(app)
transfer.register(app)


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol([reference(name, n) for name in ("ann", "bob") for n in range(3)])
        DecisionLog(made).append("verify", {"decision": "match"}, ["ann"])
    return tmp_path / "index"


def test_check_says_sound_and_exits_0_or_names_the_damage_and_exits_1(path: Path) -> None:
    assert "sound" in run("check", "--index", path)
    (data,) = path.glob("store-*/data.mdb")
    tokens = reference("bob", 1).local
    data.write_bytes(data.read_bytes().replace(tokens, tokens[::-1]))
    problems = json.loads(run("check", "--index", path, "--json", code=1))["problems"]
    assert len(problems) == 1
    lost = json.loads(run("repair", "--index", path, "--json", code=1))["lost"]
    assert len(lost) == 1
    assert "sound" in run("check", "--index", path)
    assert "nothing to repair: 5 references" in run("repair", "--index", path)


def test_erase_writes_a_receipt_outside_the_index(path: Path, tmp_path: Path) -> None:
    assert "found none" in run(
        "erase", "ann", "--index", path, "--receipt", tmp_path / "receipt.json"
    )
    receipt = json.loads((tmp_path / "receipt.json").read_text())["content"]
    assert (receipt["reference_count"], receipt["incomplete"]) == (3, None)
    assert json.loads(run("compact", "--index", path, "--json"))["overwritten"]


def test_export_and_import_and_optimise(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    run("export", tmp_path / "out.parquet", "--index", path)
    assert "6 new" in run("import", tmp_path / "out.parquet", "--index", tmp_path / "copy")
    assert "100.0%" in run("optimise", "--index", tmp_path / "copy")
    assert "current" in run("migrate", "--index", tmp_path / "copy")


def test_the_log_is_shown(path: Path) -> None:
    assert json.loads(run("log", "--index", path, "--json"))[0]["event"] == "verify"
    assert "head" in run("log", "--index", path)


def test_keys_come_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptography")
    key_file = tmp_path / "my.key"
    run("new-key", key_file)
    assert key_file.stat().st_mode & 0o077 == 0
    key = bytes.fromhex(key_file.read_text())
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=key) as made:
        made.enrol([reference("ann")])
    assert "sound" in run("check", "--index", tmp_path / "index", "--key-file", key_file)
    with pytest.raises(IndexLocked):
        run("check", "--index", tmp_path / "index")
    monkeypatch.setenv("SIGSEARCH_INDEX_KEY", key.hex())
    assert "sound" in run("check", "--index", tmp_path / "index")
    monkeypatch.setenv("SIGSEARCH_INDEX_KEY", "no key")
    with pytest.raises(IndexLocked, match="SIGSEARCH_INDEX_KEY"):
        run("check", "--index", tmp_path / "index")
