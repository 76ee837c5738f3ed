"""What `sigsearch verify --account` answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigsearch.cli.output import line, say, sink

if TYPE_CHECKING:
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.mandates import MandateAnswer, SignatureAnswer
    from sigsearch.engine.signature_index import SignatureIndex


def answer_mandate(
    images: Sequence[str],
    account: str,
    amount: str | None,
    opened: SignatureIndex,
    rates: Rates,
    signature: int | None,
) -> bool:
    """Tell whether the signatures on all `images` satisfy a rule of the account; whether they
    do."""
    from sigsearch.documents.addresses import Address
    from sigsearch.documents.intake import signatures_together
    from sigsearch.engine.amounts import amount_of

    stated = None if amount is None else amount_of(amount)
    with opened:
        asked = [(Address.of(image).asking(signature), None) for image in images]
        found, unsigned = signatures_together(asked)
        for fault in unsigned:
            say(f"note: passed over: {fault}")
        answer = opened.check_mandate(found, account, stated, rates)
    sink.answer(answer, lambda: _show(answer))
    return answer.accepted


def _show(answer: MandateAnswer) -> None:
    amount = f", amount {answer.amount}" if answer.amount else ""
    line(f"{answer.account}{amount}: {answer.answer}")
    for rule in answer.rules:
        line(f"  {rule.rule}: {'satisfied' if rule.satisfied else rule.failed}")
        for one in rule.counted:
            line(f"    {one.signature}: {one.writer}")
    for again in answer.repeated:
        line(f"  {again.signature} is the same signature as {again.same_as}; it counts once")
    for seen in answer.looked_at:
        why = seen.sentence if seen.answer == "review" else ""
        line(f"  {_where(seen)}: {seen.answer} ({seen.decision} with {seen.writer}) {why}".rstrip())
    say(f"signatures looked at: {len(answer.signatures)}")


def _where(seen: SignatureAnswer) -> str:
    """The signature, and where on a document it was found, unless its name says that."""
    places = [f"page {seen.page}"] if seen.page > 1 and "#page=" not in seen.signature else []
    if seen.box and "box=" not in seen.signature:
        places.append(f"box {','.join(map(str, seen.box))}")
    return ", ".join([seen.signature, *places])
