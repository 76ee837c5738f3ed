"""Folder layouts that people have on disk -> samples: whose signature it is, and where it lies."""

from sigsearch.datasets.copies import drop_copies
from sigsearch.datasets.layouts import LAYOUTS
from sigsearch.datasets.layouts.folders import WRITER_FOLDERS
from sigsearch.datasets.protocol import Protocol, protocol_names
from sigsearch.datasets.reading import read_dataset, read_datasets
from sigsearch.datasets.samples import Dataset, LeftOut, Sample, Summary

__all__ = [
    "LAYOUTS",
    "WRITER_FOLDERS",
    "Dataset",
    "LeftOut",
    "Protocol",
    "Sample",
    "Summary",
    "drop_copies",
    "protocol_names",
    "read_dataset",
    "read_datasets",
]
