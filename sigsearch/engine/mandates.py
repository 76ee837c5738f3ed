"""Who may sign for an account: rules such as "any two of Anna, Bernd, Clara" and "Anna alone up to
10,000", and whether the signatures on a document satisfy one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sigsearch.engine.amounts import amount_of, limit_text, plain_text
from sigsearch.engine.results import Verification
from sigsearch.engine.verdict import Answer
from sigsearch.errors import ArgumentRefused
from sigsearch.matching.decision import Decision
from sigsearch.names import one_form
from sigsearch.schema import Jsonable

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
_LIMIT = re.compile(r"^(?P<rest>.+?)\s+up to\s+(?P<amount>\S+|\d[^\"]*)$", re.I | re.S)
_ANY = re.compile(r"^(?:any\s+)?(?P<number>\w+)\s+of\s+(?P<names>.+)$", re.I | re.S)
_ALONE = re.compile(r"^(?P<name>.+?)\s+alone$", re.I | re.S)
_NAME = re.compile(r'\s*(?:"([^"]*[^"\s][^"]*)"|([^,"\s][^,"]*))\s*(?:,|$)')
_FIT: tuple[Answer, ...] = ("rejected", "review", "accepted")
_FORMS = '"any two of Anna, Bernd, Clara", "all of Anna, Bernd", "Anna alone up to 10,000"'


@dataclass(frozen=True, slots=True)
class Rule(Jsonable):
    """`needed` of the `writers` must have signed; `up_to`: for amounts up to this, None for any."""

    needed: int
    writers: tuple[str, ...]
    up_to: str | None = None

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Raises ArgumentRefused for what is no rule. Names with a comma stand in double quotes."""
        body, limit = text.strip(), None
        if found := _LIMIT.match(body):
            body, limit = found["rest"], plain_text(amount_of(found["amount"]))
        if found := _ALONE.match(body):
            names = _names(found["name"])
            if len(names) > 1:
                raise ArgumentRefused(f'{text!r} names several writers; say "any one of" them')
            return cls(1, names, limit)
        found = _ANY.match(body)
        if found is None:
            raise ArgumentRefused(f"{text!r} is not a rule; the forms are {_FORMS}")
        names, word = _names(found["names"]), found["number"].lower()
        needed = len(names) if word == "all" else _NUMBERS.get(word, 0)
        needed = int(word) if word.isdecimal() else needed
        if not 1 <= needed <= len(names):
            raise ArgumentRefused(f"{text!r}: a rule cannot ask for {word} of {len(names)} writers")
        return cls(needed, names, limit)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Rule:
        return cls(int(kept["needed"]), tuple(kept["writers"]), kept["up_to"])

    def __str__(self) -> str:
        names = ", ".join(f'"{name}"' if "," in name else name for name in self.writers)
        who = f"{names} alone" if len(self.writers) == 1 else f"any {self.needed} of {names}"
        return who if self.up_to is None else f"{who} up to {limit_text(Decimal(self.up_to))}"

    def covers(self, amount: Decimal | None) -> bool:
        return self.up_to is None or (amount is not None and amount <= Decimal(self.up_to))


@dataclass(frozen=True, slots=True)
class Counted(Jsonable):
    """A signature that counts, and for whom."""

    signature: str
    writer: str


@dataclass(frozen=True, slots=True)
class RuleAnswer(Jsonable):
    """Whether a rule is satisfied; `counted`: the signatures that count for it; `failed`: what is
    missing, None where nothing is."""

    rule: str
    satisfied: bool
    counted: tuple[Counted, ...]
    failed: str | None


@dataclass(frozen=True, slots=True)
class Repeated(Jsonable):
    """A signature that was given before, as `same_as`, and counts for nothing."""

    signature: str
    same_as: str


@dataclass(frozen=True, slots=True)
class SignatureAnswer(Jsonable):
    """What a verification of a signature answers for the writer, of those whom the rules name, that
    it fits best; reasons, sentence: of its verdict. `page`, `box` (x, y, width, height): where on a
    document it was found; a crop has no box."""

    signature: str
    page: int
    box: tuple[int, int, int, int] | None
    writer: str
    answer: Answer
    decision: Decision
    reasons: tuple[str, ...]
    sentence: str

    @classmethod
    def best_of(cls, told: Iterable[Verification]) -> SignatureAnswer:
        """The best of the verifications of one signature."""
        best = max(told, key=lambda one: (_FIT.index(one.verdict.answer), one.evidence.llr))
        verdict = best.verdict
        return cls(best.questioned, best.page, best.box, str(best.writer), verdict.answer,
                   best.decision, verdict.reasons, verdict.sentence)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MandateAnswer(Jsonable):
    """answer: accepted where a rule is satisfied; review where one would be if the signatures that
    are to be reviewed were accepted; otherwise rejected. repeated: of the signatures that might
    count, those that were given twice. looked_at: each signature, and for whom it is best."""

    account: str
    amount: str | None
    answer: Answer
    rules: tuple[RuleAnswer, ...]
    signatures: tuple[str, ...]
    repeated: tuple[Repeated, ...] = ()
    looked_at: tuple[SignatureAnswer, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.answer == "accepted"

    @property
    def writers(self) -> tuple[str, ...]:
        """Of whom it says something: those whose signatures counted, and those who came nearest."""
        counted = [one.writer for rule in self.rules for one in rule.counted]
        return tuple(dict.fromkeys([*counted, *(one.writer for one in self.looked_at)]))


Answers = Mapping[tuple[int, str], Answer]
"""Of each signature (by its place) against each writer, what a verification answers."""


def weigh_mandate(
    account: str,
    rules: Sequence[Rule],
    signatures: Sequence[str],
    answers: Answers,
    amount: Decimal | None,
    repeated: Mapping[int, int] | None = None,
) -> MandateAnswer:
    """Whether the `signatures` (their names) satisfy one of the rules for `amount`; `repeated`: the
    places of those that do not count, for they are the same as others."""
    again = dict(sorted((repeated or {}).items()))
    answers = {(at, writer): one for (at, writer), one in answers.items() if at not in again}
    told = [_weighed(rule, signatures, answers, amount) for rule in rules]
    possible = [
        rule.covers(amount) and len(_matched(rule, answers, ("accepted", "review"))) >= rule.needed
        for rule in rules
    ]
    answer: Answer = "review" if any(possible) else "rejected"
    if any(one.satisfied for one in told):
        answer = "accepted"
    stated = None if amount is None else plain_text(amount)
    twice = tuple(Repeated(signatures[at], signatures[same]) for at, same in again.items())
    return MandateAnswer(account, stated, answer, tuple(told), tuple(signatures), twice)


def most_accepted(answers: Answers) -> list[int]:
    """The places of the signatures that may count, those first that are accepted most often."""
    accepted = Counter(at for (at, _), answer in answers.items() if answer == "accepted")
    possible = {at for (at, _), answer in answers.items() if answer != "rejected"}
    return sorted(possible, key=lambda at: (-accepted[at], at))


def _weighed(
    rule: Rule, signatures: Sequence[str], answers: Answers, amount: Decimal | None
) -> RuleAnswer:
    matched = _matched(rule, answers, ("accepted",))
    counted = tuple(Counted(signatures[at], writer) for writer, at in matched.items())
    failed = _failed(rule, counted, amount)
    return RuleAnswer(str(rule), failed is None, counted, failed)


def _failed(rule: Rule, counted: Sequence[Counted], amount: Decimal | None) -> str | None:
    if not rule.covers(amount):
        if amount is None:
            return "it has a limit, and no amount was given"
        return f"the amount {amount:,f} is over {limit_text(Decimal(rule.up_to or 0))}"
    if len(counted) >= rule.needed:
        return None
    signed = {one.writer for one in counted}
    others = ", ".join(writer for writer in rule.writers if writer not in signed)
    return f"{len(counted)} of {rule.needed} signatures accepted; none for {others}"


def _matched(rule: Rule, answers: Answers, fit: Sequence[Answer]) -> dict[str, int]:
    """As many of the rule's writers as can each be given a signature of their own (augmenting
    paths): one signature counts once, and so does one writer."""
    given: dict[int, str] = {}
    places = sorted({at for at, _ in answers})

    def place(writer: str, tried: set[int]) -> bool:
        for at in places:
            if answers.get((at, writer)) not in fit or at in tried:
                continue
            tried.add(at)
            if at not in given or place(given[at], tried):
                given[at] = writer
                return True
        return False

    for writer in rule.writers:
        place(writer, set())
    return {writer: at for at, writer in given.items()}


def _names(text: str) -> tuple[str, ...]:
    """The names that make up `text`, all of it: a name left out would make the rule weaker."""
    text, names, at = text.strip(), [], 0
    while at < len(text):
        found = _NAME.match(text, at)
        if found is None:
            raise ArgumentRefused(
                f"{text[at:].strip()!r} cannot be read as names of writers; put commas between "
                "them, and one that has a comma in double quotes"
            )
        names.append(one_form((found[1] or found[2]).strip()))
        at = found.end()
    if not names or len(set(names)) < len(names):
        raise ArgumentRefused(f"{text!r}: name each writer once, with commas between them")
    return tuple(names)
