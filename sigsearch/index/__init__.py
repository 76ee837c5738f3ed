"""Who is enrolled: LMDB is the truth, the search structure a cache that can be rebuilt."""

from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.results import IndexInfo, Neighbour, Neighbours

__all__ = [
    "EncoderIdentity",
    "IndexInfo",
    "Neighbour",
    "Neighbours",
    "Reference",
    "Writer",
    "WriterIndex",
]
