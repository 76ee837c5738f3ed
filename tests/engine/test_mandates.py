"""Rules of accounts: read, and weighed over signatures that were verified."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sigsearch.engine.amounts import amount_of, plain_text
from sigsearch.engine.mandates import Rule, most_accepted, weigh_mandate
from sigsearch.errors import ArgumentRefused

ANY_TWO = Rule.parse("any two of Anna, Bernd, Clara")
ALONE = Rule.parse("Anna alone up to 10,000")


def weighed(answers: dict, amount: str | None = None, rules=(ANY_TWO,), signatures=2):
    stated = None if amount is None else amount_of(amount)
    names = [f"#signature={at + 1}" for at in range(signatures)]
    return weigh_mandate("ACME", rules, names, answers, stated)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("any two of A, B, C", Rule(2, ("A", "B", "C"))),
        ("2 of A, B", Rule(2, ("A", "B"))),
        ("all of A, B, C up to 5'000.50", Rule(3, ("A", "B", "C"), "5000.50")),
        ("one of A, B", Rule(1, ("A", "B"))),
        ("Anna Schmidt alone up to 10,000", Rule(1, ("Anna Schmidt",), "10000")),
        ('any one of "Schmidt, Anna", B', Rule(1, ("Schmidt, Anna", "B"))),
    ],
)
def test_rules_are_read_and_written_as_they_are_said(text: str, rule: Rule):
    assert Rule.parse(text) == rule
    assert Rule.parse(str(rule)) == rule
    assert Rule.from_dict(rule.to_dict()) == rule


@pytest.mark.parametrize(
    "text", ["", "Anna", "any three of A, B", "none of A, B", "any two of A, A", "A alone up to x"]
)
def test_what_is_no_rule_is_refused(text: str):
    with pytest.raises(ArgumentRefused):
        Rule.parse(text)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ('all of anna, "bernd" clara', '"bernd" clara'),
        ('any one of "O"Neil", B', '"O"Neil", B'),
        ("any one of A, , B", ", B"),
        ('any one of A, " "', '" "'),
        ("all of A, 'B\"", "'B\""),
    ],
)
def test_a_rule_is_read_whole_or_refused(text: str, unread: str):
    with pytest.raises(ArgumentRefused) as refused:
        Rule.parse(text)
    assert str(refused.value).startswith(repr(unread))


def test_alone_is_one_writer():
    with pytest.raises(ArgumentRefused, match="several writers"):
        Rule.parse("Anna, Bernd alone")


@pytest.mark.parametrize(
    "amount",
    [
        *("-1", "NaN", "Infinity", "two", "", "12.500", "12.500,00", "1,5", "1e5", "1_000"),
        *("10,00", "1,0000", "1,000'000", "1000,000", ".5", "5.", "+5", "\u0665", "10 000"),
        *(Decimal(-5), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), -1, True, 2.5, None),
    ],
)
def test_what_is_no_amount_or_may_be_read_in_two_ways_is_refused(amount):
    with pytest.raises(ArgumentRefused, match=r"10,000\.50"):
        amount_of(amount)


@pytest.mark.parametrize("limit", ["10.000", "1,5", "1e5", "10 000"])
def test_the_limit_of_a_rule_is_read_as_strictly(limit: str):
    for who in ("anna alone", "any one of anna, bernd"):
        with pytest.raises(ArgumentRefused, match="is not an amount"):
            Rule.parse(f"{who} up to {limit}")


@pytest.mark.parametrize(
    ("kept", "said"), [("10.000", "10.00"), ("1.239", "1.23"), ("1E+5", "100,000")]
)
def test_a_limit_kept_before_is_said_so_that_it_can_be_read(kept: str, said: str):
    rule = Rule.from_dict({"needed": 1, "writers": ["Anna"], "up_to": kept})
    assert str(rule) == f"Anna alone up to {said}"
    assert str(Rule.parse(str(rule))) == str(rule)


def test_two_signatures_of_two_writers_satisfy():
    answer = weighed({(0, "Anna"): "accepted", (1, "Clara"): "accepted"})
    assert answer.answer == "accepted"
    assert {(c.signature, c.writer) for c in answer.rules[0].counted} == {
        ("#signature=1", "Anna"),
        ("#signature=2", "Clara"),
    }


def test_one_signature_counts_once():
    answer = weighed({(0, "Anna"): "accepted", (0, "Bernd"): "accepted"}, signatures=1)
    assert answer.answer == "rejected"
    assert answer.rules[0].failed == "1 of 2 signatures accepted; none for Bernd, Clara"


def test_of_those_given_twice_the_one_that_is_accepted_most_often_stays():
    answers = {(0, "Anna"): "review", (1, "Anna"): "accepted", (2, "Anna"): "rejected"}
    assert most_accepted(answers) == [1, 0]
    told = weigh_mandate("ACME", [ANY_TWO], ["a", "b", "c"], answers, None, {0: 1})
    assert [(one.signature, one.same_as) for one in told.repeated] == [("a", "b")]
    assert told.answer == "rejected"


def test_one_writer_counts_once():
    answer = weighed({(0, "Anna"): "accepted", (1, "Anna"): "accepted"})
    assert answer.answer == "rejected"


def test_signatures_are_given_to_writers_so_that_most_count():
    answers = {(0, "Anna"): "accepted", (0, "Bernd"): "accepted", (1, "Anna"): "accepted"}
    assert weighed(answers).answer == "accepted"


def test_a_signature_in_review_sends_the_document_to_review():
    answers = {(0, "Anna"): "accepted", (1, "Clara"): "review"}
    answer = weighed(answers)
    assert (answer.answer, answer.accepted) == ("review", False)
    assert "none for Bernd, Clara" in str(answer.rules[0].failed)


def test_a_limit_holds_up_to_its_amount_and_needs_one():
    signed = {(0, "Anna"): "accepted"}
    rules = (ANY_TWO, ALONE)
    assert weighed(signed, "10,000", rules, 1).answer == "accepted"
    over = weighed(signed, "10000.01", rules, 1)
    assert over.answer == "rejected"
    assert over.rules[1].failed == "the amount 10,000.01 is over 10,000"
    assert weighed(signed, None, rules, 1).rules[1].failed == (
        "it has a limit, and no amount was given"
    )


@pytest.mark.parametrize(
    ("stated", "amount"),
    [
        ("10,000.10", "10000.10"),
        ("1'234'567", "1234567"),
        (" 12.5 ", "12.5"),
        ("0", "0"),
        (2500, "2500"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.500"), "12.50"),
    ],
)
def test_amounts_are_exact(stated, amount: str):
    assert amount_of(stated) == Decimal(amount)
    assert plain_text(amount_of(stated)) == amount
