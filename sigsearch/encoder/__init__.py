"""A normalised signature in, an embedding out."""

from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.embeddings import Embeddings
from sigsearch.encoder.encoder import Encoder, shipped_folder

__all__ = ["Embeddings", "Encoder", "ModelCard", "shipped_folder"]
