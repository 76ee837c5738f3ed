"""Archives of images to files of embeddings, on one machine or many."""

from sigsearch.bulk.embedding import Embedded, embed

__all__ = ["Embedded", "embed"]
