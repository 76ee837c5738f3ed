"""A model on disk: a card, and the files that it lists with their SHA-256. Every file that ships
is read here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sigsearch.errors import EncoderError, SigsearchError
from sigsearch.models.network import open_network

CARD_NAME = "card.json"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """files: name -> SHA-256, as the card has them; fault, remedy: what is raised when one is of
    no use, and what helps then."""

    path: Path
    files: Mapping[str, str] = field(default_factory=dict)
    fault: type[SigsearchError] = EncoderError
    remedy: str = "reinstall sigsearch"

    @classmethod
    def of(cls, path: Path, card: str = CARD_NAME) -> ModelFolder:
        """The files that `path`/`card` lists. Raises EncoderError without a card."""
        try:
            listed = dict(read_card(path / card)["files"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
            raise EncoderError(f"{path / card}: not a model card ({fault})") from None
        return cls(path, listed)

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises `fault` unless its SHA-256 is the card's."""
        path = self.path / name
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise self.fault(f"{path}: cannot be read ({fault.strerror}); {self.remedy}") from None
        if sha256(data) != self.files.get(name):
            raise self.fault(
                f"{path}: its SHA-256 is not the one in the model card; the file was altered or "
                f"cut short: {self.remedy}"
            )
        return data

    def open(self, name: str, threads: int = 1) -> Any:
        """A session over a network, on so many cores a run; 0 = all. Raises `fault`."""
        return open_network(self.read(name), self.path / name, self.fault, self.remedy, threads)


def read_card(path: Path) -> dict[str, Any]:
    """Raises OSError, ValueError or TypeError where there is no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return content


def write_card(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def hashes_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """What a card lists: the SHA-256 of files in `folder`."""
    return {name: sha256((folder / name).read_bytes()) for name in names}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
