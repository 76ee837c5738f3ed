"""What lies in a classifier's folder: the card, the network, and which images it has seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sigsearch.errors import ClassifierError

CARD, NETWORK, SEEN = "card.json", "classifier.onnx", "seen.json"
KIND = "writer-classifier"


@dataclass(frozen=True, slots=True)
class ClassifierCard:
    """writers: names in the order of the network's outputs; files: name -> SHA-256; training: how
    it was made and what it gave on its own validation and test images."""

    id: str
    writers: tuple[str, ...]
    canvas_shape: tuple[int, int]
    preprocessing_version: int
    files: dict[str, str]
    training: dict[str, Any] = field(default_factory=dict)
    kind: str = KIND

    @classmethod
    def load(cls, folder: Path) -> ClassifierCard:
        """Read `folder`/card.json; raises ClassifierError when it is not a classifier's."""
        path = folder / CARD
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            kind = content.get("kind", "encoder" if "token_shape" in content else None)
            if kind != KIND:
                raise ClassifierError(
                    f"{folder}: holds a model of another kind ({kind or 'unknown'}), not a "
                    "classifier; make one with `sigsearch train classifier DATA -o MODEL`"
                )
            height, width = content.pop("canvas_shape")
            writers = tuple(content.pop("writers"))
            return cls(**content, writers=writers, canvas_shape=(height, width))
        except (FileNotFoundError, NotADirectoryError):
            raise ClassifierError(
                f"{folder}: no classifier here ({CARD} is missing); make one with "
                "`sigsearch train classifier DATA -o MODEL`"
            ) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise ClassifierError(f"{path}: not a classifier's card ({fault})") from None

    def save(self, folder: Path) -> None:
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False)
        (folder / CARD).write_text(text + "\n", encoding="utf-8")

    def checked(self, folder: Path, name: str) -> bytes:
        """The bytes of a file of the model; raises ClassifierError unless its hash is right."""
        path = folder / name
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise ClassifierError(f"{path}: cannot be read ({fault.strerror})") from None
        if hashlib.sha256(data).hexdigest() != self.files.get(name):
            raise ClassifierError(
                f"{path}: its SHA-256 is not the one in the card; the file was altered or cut "
                "short: train the classifier again"
            )
        return data

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
