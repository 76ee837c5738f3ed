"""Who is enrolled: LMDB is the truth, the search structure a cache that can be rebuilt."""

from sigsearch.index.embedded import EmbeddedIndex
from sigsearch.index.index import Index
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.results import IndexInfo, Neighbour, Neighbours

__all__ = [
    "EmbeddedIndex",
    "EncoderIdentity",
    "Index",
    "IndexInfo",
    "Neighbour",
    "Neighbours",
    "Reference",
    "Writer",
    "WriterIndex",
]
