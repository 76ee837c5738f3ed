"""What the engine says, in every language of the desk: nothing is left in English."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from sigsearch import SignatureIndex, errors
from sigsearch.audit.findings import MEANINGS
from sigsearch.engine.mandates import MandateAnswer, Rule, RuleAnswer
from sigsearch.engine.verdict import ADVICE, DOUBTS
from sigsearch.matching import reasons
from sigsearch.matching.strength import ALTERNATIVES, COPY_UNWEIGHED, UNWEIGHED, Side, Support
from sigsearch.server.desk import wording
from sigsearch.server.desk.messages import LANGUAGES, catalogue
from sigsearch.server.desk.wording import Wording

OTHERS = sorted(set(LANGUAGES) - {"en"})
FAULTS = {
    kind.code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.ImageError)
} - {"image_missing"} | {
    "writer_unknown", "account_unknown", "reference_refused", "enrolled_elsewhere", "argument",
    "request", "body_too_large", "body_too_slow", "too_many_requests", "service_busy", "provider",
    "not_allowed", "not_signed_in", "evidence_unknown", "evidence_gone", "evidence_changed",
    "case_refused", "form_refused",
}  # fmt: skip
"""The errors that a clerk may meet; of an image every one that is no matter of a path."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_code_has_its_words(language: str):
    held = catalogue(language)
    codes = {one.code for one in reasons.reasons_for(reasons.KNOWN)} | set(DOUBTS)
    assert {f"reason {code}" for code in codes} <= set(held)
    assert {f"fault {code}" for code in FAULTS} <= set(held)
    words = {*get_args(Support)} - {"no support"} | set(ALTERNATIVES.values()) | set(MEANINGS)
    assert words - {"simple"} | {*wording._ANSWERS.values(), *wording._SIDES.values()} <= set(held)
    assert {*ADVICE.values(), COPY_UNWEIGHED, UNWEIGHED} <= set(held)
    assert set(wording._SIDES) == set(get_args(Side))


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_in_is_put_in_everywhere(language: str):
    doubts = {f"reason {code}": text for code, text in DOUBTS.items()}
    for english, text in catalogue(language).items():
        wanted = re.findall(r"\{\w+\}", doubts.get(english, english))
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(wanted), english


@pytest.mark.parametrize("language", OTHERS)
def test_a_verification_is_told_whole(language: str, built: Path, specimens: dict[str, list[Path]]):
    english, told = Wording("en"), Wording(language)
    with SignatureIndex.open(built, read_only=True) as index:
        for writer in ("anna", "bo"):
            answer = index.verify(specimens["bo"][4], writer).to_dict()
            assert english.sentence(answer) == answer["verdict"]["sentence"]
            assert english.statement(answer) == answer["evidence"]["statement"]
            said = told.sentence(answer)
            assert writer in said
            assert "signature" not in said.replace("La signature", "")
            assert "The findings" not in told.statement(answer)
            assert answer["evidence"]["calibrated_on"] in told.statement(answer)


def test_doubts_are_named_and_names_are_not_templates():
    answer = {
        "writer": "{doubts} {whom}", "reasons": [{"code": "tilted", "text": "x"}],
        "verdict": {"answer": "review", "reasons": ["several_writers", "tilted"], "sentence": "E"},
    }  # fmt: skip
    assert Wording("de").sentence(answer) == (
        "Bitte von einer Person prüfen lassen: sie stimmt mit {doubts} {whom} überein und mit noch "
        "jemandem; sie passt besser zu den Referenzen, wenn sie etwas gedreht wird."
    )


@pytest.mark.parametrize(("amount", "says"), [(None, "kein Betrag"), ("500", "über 100"),
                                              ("50", "0 von 2")])  # fmt: skip
def test_a_rule_that_is_not_met_says_what_is_missing(amount: str | None, says: str):
    rule = RuleAnswer(str(Rule.parse("any two of Anna, Bo up to 100")), False, (), "English")
    mandate = MandateAnswer("a", amount, "rejected", (rule,), ())
    assert says in Wording("de").unmet(rule, mandate)
    assert Wording("en").unmet(rule, mandate) == "English"


def test_an_error_without_words_is_left_to_its_message():
    assert Wording("en").fault("no_ink") is None
    assert Wording("de").fault("unheard_of") is None
