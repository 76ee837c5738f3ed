"""sigsearch: who signed this, and is it truly theirs?

from sigsearch import SignatureIndex, verify

index, report = SignatureIndex.build("references/", "indexes/mine")
index.identify("cheque.png").writer            # a name, or None for "unknown"
index.verify("cheque.png", "anna").decision    # match | inconclusive | non_match
"""

from __future__ import annotations

TYPE_CHECKING = False  # that of `typing`, which takes longer to import than all of this
if TYPE_CHECKING:
    from typing import Any

    from sigsearch.encoder import Embeddings, Encoder
    from sigsearch.engine import SignatureIndex
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging import Signature, read_signature
    from sigsearch.judge import Rates
    from sigsearch.results import Identification, Verification
    from sigsearch.verification import verify

__version__ = "0.1.0"

_HOMES = {
    "Embeddings": "sigsearch.encoder",
    "Encoder": "sigsearch.encoder",
    "Identification": "sigsearch.results",
    "Rates": "sigsearch.judge",
    "Signature": "sigsearch.imaging",
    "SignatureIndex": "sigsearch.engine",
    "SigsearchError": "sigsearch.errors",
    "Verification": "sigsearch.results",
    "read_signature": "sigsearch.imaging",
    "verify": "sigsearch.verification",
}

__all__ = [
    "Embeddings",
    "Encoder",
    "Identification",
    "Rates",
    "Signature",
    "SignatureIndex",
    "SigsearchError",
    "Verification",
    "read_signature",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: `import sigsearch` costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sigsearch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
