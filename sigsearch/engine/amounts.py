"""Amounts of money as they are said: read strictly, for a misread one lets a document pass."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sigsearch.errors import ArgumentRefused

_AMOUNT = re.compile(
    r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:'[0-9]{3})+)(?:\.[0-9]{1,2})?"
)
_FORMS = (
    "give a number such as 2500, 2500.50, 10,000.50 or 10'000.50: one or two decimals after a dot, "
    "and thousands in groups of three"
)


def amount_of(stated: Any) -> Decimal:
    """The amount in a text, or a whole number or Decimal that is one.

    Raises ArgumentRefused for what is no amount, or may be read in two ways, as 12.500 may.
    """
    if isinstance(stated, str) and _AMOUNT.fullmatch(stated.strip()):
        return Decimal(stated.strip().replace(",", "").replace("'", ""))
    if isinstance(stated, (int, Decimal)) and not isinstance(stated, bool):
        amount = Decimal(stated)
        if amount.is_finite() and amount >= 0:
            return amount
    raise ArgumentRefused(f"{f'{stated!r}'[:80]} is not an amount; {_FORMS}")


def limit_text(limit: Decimal) -> str:
    """A limit as a rule says it, with two decimals at most. One of more was kept before these were
    refused; no amount lies between it and what is said."""
    whole, _, part = f"{limit:,f}".partition(".")
    return f"{whole}.{part[:2]}" if part else whole


def plain_text(amount: Decimal) -> str:
    """An amount as `amount_of` reads it, unless it has more than two decimals."""
    text = f"{amount:f}"
    whole, _, part = text.partition(".")
    return text if len(part) <= 2 or part[2:].strip("0") else f"{whole}.{part[:2]}"
