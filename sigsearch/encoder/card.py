"""The model card: what the shipped encoder is, what it was trained on, how often it errs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sigsearch.errors import EncoderError
from sigsearch.models.folder import CARD_NAME, ModelFolder, read_card, write_card


@dataclass(frozen=True, slots=True)
class ModelCard:
    """token_shape: (rows, columns, channels); files: name -> SHA-256 of what lies beside the card;
    arithmetic: what the network computes in, float32 or int8; training_data: each set and the part
    that learned from it (network, head, segmentation); terms: what the sets mean for commercial
    use; retraining: how to train without them; figures: written by an evaluation run, never by
    hand."""

    id: str
    dimensions: int
    token_shape: tuple[int, int, int]
    canvas_shape: tuple[int, int]
    preprocessing_version: int
    files: dict[str, str]
    arithmetic: str = "float32"
    licence: str = "Apache-2.0"
    training_data: list[dict[str, str]] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    terms: str = ""
    retraining: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> ModelCard:
        """Read `folder`/card.json; raises EncoderError when there is none or it is of no use."""
        path = folder / CARD_NAME
        try:
            content = read_card(path)
            rows, columns, channels = content.pop("token_shape")
            height, width = content.pop("canvas_shape")
            content["files"] = dict(content["files"])
            return cls(
                **content, token_shape=(rows, columns, channels), canvas_shape=(height, width)
            )
        except FileNotFoundError:
            raise EncoderError(f"{folder}: no encoder here ({CARD_NAME} is missing)") from None
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise EncoderError(f"{path}: not a model card ({fault})") from None

    def save(self, folder: Path) -> None:
        write_card(folder / CARD_NAME, self.to_dict())

    def files_in(self, folder: Path) -> ModelFolder:
        """The model's files, each read only if its SHA-256 is the card's."""
        return ModelFolder(folder, self.files)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
