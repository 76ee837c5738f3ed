"""The decoder in docs/storage.md reads what the index writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from index_samples import IDENTITY, reference

from sigsearch.index import WriterIndex
from sigsearch.index.local.tables import TAGS
from sigsearch.index.search.structures.protocol import EXACT_UP_TO, NUMPY_UP_TO

PAGE = Path(__file__).parents[2] / "docs" / "storage.md"


def test_the_decoder_of_the_page_reads_an_index(tmp_path: Path) -> None:
    given = [reference(name, n) for name in ("ann", "ký tên") for n in range(2)]
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("gone"), *given])
        index.forget("gone")
    (decoder,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", decoder, str(tmp_path / "index")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["writer"] for row in rows] == [one.writer for one in given]
    assert all(
        np.array_equal(np.float32(row["vector"]), one.vector)
        for row, one in zip(rows, given, strict=True)
    )


def test_the_page_names_every_table_and_limit() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, tag in TAGS.items():
        assert f"| `{tag.decode()}` | {name} |" in text
    assert f"{NUMPY_UP_TO:,}" in text
    assert f"{EXACT_UP_TO:,}" in text
