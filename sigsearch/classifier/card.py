"""What lies in a classifier's folder: the card, the network, and which images it has seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sigsearch.errors import ClassifierError
from sigsearch.models.folder import CARD_NAME, ModelFolder, read_card, write_card

NETWORK, SEEN = "classifier.onnx", "seen.json"
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
        path = folder / CARD_NAME
        try:
            content = read_card(path)
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
                f"{folder}: no classifier here ({CARD_NAME} is missing); make one with "
                "`sigsearch train classifier DATA -o MODEL`"
            ) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise ClassifierError(f"{path}: not a classifier's card ({fault})") from None

    def save(self, folder: Path) -> None:
        write_card(folder / CARD_NAME, self.to_dict())

    def files_in(self, folder: Path) -> ModelFolder:
        """The model's files, each read only if its SHA-256 is the card's."""
        return ModelFolder(folder, self.files, ClassifierError, "train the classifier again")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
