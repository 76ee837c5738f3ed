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

    from sigsearch.client.remote import connect
    from sigsearch.documents.intake import signatures_in
    from sigsearch.encoder import Embeddings, Encoder
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.pair import verify
    from sigsearch.engine.results import Identification, Verification
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging import Signature, read_signature

__version__ = "0.1.0"

_HOMES = {
    "Embeddings": "sigsearch.encoder",
    "Encoder": "sigsearch.encoder",
    "Identification": "sigsearch.engine.results",
    "Rates": "sigsearch.engine.judge",
    "Signature": "sigsearch.imaging",
    "SignatureIndex": "sigsearch.engine.signature_index",
    "SigsearchError": "sigsearch.errors",
    "Verification": "sigsearch.engine.results",
    "connect": "sigsearch.client.remote",
    "read_signature": "sigsearch.imaging",
    "signatures_in": "sigsearch.documents.intake",
    "verify": "sigsearch.engine.pair",
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
    "connect",
    "read_signature",
    "signatures_in",
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
