"""The datasets of one role of a protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sigsearch.datasets import Dataset, Protocol, read_datasets

FOLDERS = ("cedar", "bhsig260", "svc2004", "crossmedia")
"""The folders of `unseen-writers-1`, as people have them on disk."""


def datasets_of(
    data: Path, protocol: Protocol, role: str, folders: Sequence[str] = FOLDERS
) -> Iterator[Dataset]:
    """The writers of `role` in each dataset below `data`. Raises DatasetError for a folder that is
    not there or a dataset that the protocol does not know."""
    for folder in folders:
        for dataset in read_datasets(data / folder):
            yield protocol.select(dataset, role)
