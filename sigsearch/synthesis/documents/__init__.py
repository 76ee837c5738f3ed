"""Invented documents with the places of what was signed, stamped and printed on them.

document = compose(7, "contract")
document.page                                # uint8 (h, w), 255 = paper
document.marks                               # boxes in its pixels, each with its kind
"""

from sigsearch.synthesis.documents.compose import KINDS, Document, compose
from sigsearch.synthesis.documents.faces import machine_faces
from sigsearch.synthesis.documents.reproduction import REPRODUCTIONS
from sigsearch.synthesis.documents.sheet import Mark

__all__ = ["KINDS", "REPRODUCTIONS", "Document", "Mark", "compose", "machine_faces"]
