"""What the engine says, in the language of who reads it. English is the engine's own; the others
are made from its codes and figures, so that a new one is missed by a test and not by a clerk."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sigsearch.engine.mandates import MandateAnswer, Rule, RuleAnswer
from sigsearch.matching.strength import ALTERNATIVES
from sigsearch.server.desk.messages import catalogue, said

_ANSWERS = {
    "accepted": "The signature matches {whom}.",
    "rejected": "The signature does not match {whom}.",
    "review": "A person should look at it: {doubts}.",
}
_SIDES = {
    "neither": "The findings support neither the writer's own signature nor {other}.",
    "writer": "The findings give {support} to the writer's own signature rather than {other}.",
    "other": "The findings give {support} to {other} rather than the writer's own signature.",
}


class Wording:
    """For one language; what there is no word for is left in English."""

    def __init__(self, language: str) -> None:
        self._language = language

    def sentence(self, answer: Mapping[str, Any]) -> str:
        """That of a verification's verdict."""
        verdict, whom = answer["verdict"], str(answer["writer"])
        if self._language == "en":
            return str(verdict["sentence"])
        seen = {one["code"]: one["text"] for one in answer["reasons"]}
        doubts = [self._reason(code, seen.get(code, code)) for code in verdict["reasons"]]
        told = "; ".join(_filled(doubt, whom=whom) for doubt in doubts)
        return _filled(self._said(_ANSWERS[verdict["answer"]]), doubts=told, whom=whom)

    def statement(self, answer: Mapping[str, Any]) -> str:
        """That of a verification's evidence: what the likelihood ratio supports."""
        evidence = answer["evidence"]
        if self._language == "en":
            return str(evidence["statement"])
        claim = _filled(
            self._said(_SIDES[evidence["supports"]]), support=self._said(evidence["support"]),
            other=self._said(ALTERNATIVES[evidence["against"]]),
        )  # fmt: skip
        among = _filled(
            self._said("As measured on {population}."), population=evidence["calibrated_on"]
        )
        return f"{claim} {among}"

    def reason(self, reason: Mapping[str, Any]) -> str:
        """Why an answer is less than firm."""
        return self._reason(reason["code"], reason["text"])

    def unmet(self, rule: RuleAnswer, mandate: MandateAnswer) -> str:
        """What a rule of an account lacks."""
        if self._language == "en":
            return rule.failed or ""
        stated = Rule.parse(rule.rule)
        amount = None if mandate.amount is None else Decimal(mandate.amount)
        if not stated.covers(amount):
            if amount is None:
                return self._said("it has a limit, and no amount was given")
            return _filled(self._said("the amount {amount} is over {limit}"),
                           amount=amount, limit=stated.up_to)  # fmt: skip
        signed = {one.writer for one in rule.counted}
        return _filled(
            self._said("{count} of {needed} signatures accepted; none for {others}"),
            count=len(rule.counted), needed=stated.needed,
            others=", ".join(one for one in stated.writers if one not in signed),
        )  # fmt: skip

    def fault(self, code: str) -> str | None:
        """An error; None where its message alone says it."""
        return catalogue(self._language).get(f"fault {code}")

    def _reason(self, code: str, text: str) -> str:
        return catalogue(self._language).get(f"reason {code}", text)

    def _said(self, text: str) -> str:
        return said(self._language, text)


def _filled(text: str, **values: object) -> str:
    """Each name put in once: not `str.format`, for a name may hold braces."""
    parts = {f"{{{name}}}": str(value) for name, value in values.items()}
    found = ""
    while True:
        at, name = min(((text.find(name), name) for name in parts if name in text),
                       default=(-1, ""))  # fmt: skip
        if at < 0:
            return found + text
        found, text = found + text[:at] + parts[name], text[at + len(name) :]
