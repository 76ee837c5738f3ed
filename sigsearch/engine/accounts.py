"""The accounts of an index: who may sign for each, kept as one of its settings."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.engine.held_names import HeldNames
from sigsearch.engine.mandates import Rule
from sigsearch.errors import AccountUnknown, ArgumentRefused, WriterNamed, WriterUnknown
from sigsearch.index.index import Index
from sigsearch.names import one_form

SETTING = "accounts"


def accounts_of(index: Index) -> dict[str, tuple[Rule, ...]]:
    """All accounts and their rules, in the order of their names."""
    kept = (index.setting(SETTING) or {}).items()
    return {name: tuple(map(Rule.from_dict, rules)) for name, rules in sorted(kept)}


def rules_of(index: Index, account: str) -> tuple[Rule, ...]:
    """Raises AccountUnknown."""
    rules = accounts_of(index).get(one_form(account))
    if rules is None:
        raise AccountUnknown(
            f"no account {account!r} in this index; `sigsearch account list` shows all"
        )
    return rules


def set_account(index: Index, account: str, rules: Sequence[Rule]) -> None:
    """Keep the rules of an account, in place of former ones. Raises WriterUnknown for a rule that
    names somebody who is not enrolled."""
    if not account.strip() or not rules:
        raise ArgumentRefused("an account needs a name and at least one rule")
    held = HeldNames(index)
    for name in {name for rule in rules for name in rule.writers}:
        if index.numbers([held.find(name)])[0] is None:
            raise WriterUnknown.of(name)
    _change(index, one_form(account), [rule.to_dict() for rule in rules])


def remove_account(index: Index, account: str) -> None:
    """Raises AccountUnknown."""
    rules_of(index, account)
    _change(index, one_form(account), None)


def refuse_named(index: Index, writer: str) -> None:
    """Raise WriterNamed for a writer whom a rule names: their name would outlast them."""
    named = [
        account
        for account, rules in accounts_of(index).items()
        if any(one_form(writer) in rule.writers for rule in rules)
    ]
    if named:
        raise WriterNamed(
            f"{writer!r} is named by the rules of {', '.join(named)}; change or remove them first "
            "(`sigsearch account`)"
        )


def _change(index: Index, account: str, rules: object) -> None:
    with index.writing():
        kept = dict(index.setting(SETTING) or {})
        kept.pop(account, None)
        index.put_setting(SETTING, kept if rules is None else {**kept, account: rules})
