"""Invented writers: for the demonstration, tests, scale, privacy and training.

writer = Writer.from_seed(7)
writer.specimen(0).ink                      # clean ink, uint8, 300 dpi
forge(writer, 0, forger=1, level="traced")  # another hand after specimen 0
    capture(writer.specimen(0), "cheque").image # on paper, scanned
for specimen in stream(seed=1, writers=1000, genuine=8, forgeries=3): ...
"""

from sigsearch.synthesis.capture import STYLES, Capture, capture
from sigsearch.synthesis.duplicate import duplicate
from sigsearch.synthesis.forger import LEVELS, forge
from sigsearch.synthesis.layouts.design import SCRIPTS
from sigsearch.synthesis.specimen import Specimen
from sigsearch.synthesis.stream import forgery, stream, writer_seed
from sigsearch.synthesis.writer import Writer

__all__ = [
    "LEVELS",
    "SCRIPTS",
    "STYLES",
    "Capture",
    "Specimen",
    "Writer",
    "capture",
    "duplicate",
    "forge",
    "forgery",
    "stream",
    "writer_seed",
]
