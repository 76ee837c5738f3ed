"""`sigsearch account`: who may sign for an account."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, IndexOption, JsonOption
from sigsearch.cli.output import line, sink, table

HELP = """Say who may sign for an account.

\b
  sigsearch account set ACME "any two of Anna, Bernd, Clara" "Anna alone up to 10,000"
  sigsearch verify cheque.png --account ACME --amount 2500
  sigsearch account list
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.command("set")
def set_rules(
    account: Annotated[str, typer.Argument(help="The account's name: any text.")],
    rules: Annotated[
        list[str],
        typer.Argument(
            help="Rules, of which one must be satisfied. They replace the previous ones."
        ),
    ],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Store the rules of an account in the index. Every writer they name must be enrolled.

    \b
      sigsearch account set ACME "any two of Anna, Bernd, Clara"
      sigsearch account set ACME "all of Anna, Bernd" "Anna alone up to 10,000"
    """
    from sigsearch.engine.accounts import rules_of, set_account
    from sigsearch.engine.mandates import Rule
    from sigsearch.index.opening import open_index

    parsed = [Rule.parse(rule) for rule in rules]
    with open_index(index, key=key_from(key_file)) as opened:
        set_account(opened, account, parsed)
        kept = rules_of(opened, account)
    answer = {"account": account, "rules": [rule.to_dict() for rule in kept]}
    sink.answer(answer, lambda: line(f"{account}: {'; or '.join(map(str, kept))}"))


@app.command("list")
def list_accounts(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """List the accounts and their rules.

    \b
      sigsearch account list --index indexes/mine
    """
    from sigsearch.engine.accounts import accounts_of
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        accounts = accounts_of(opened)
    rows = [(name, str(rule)) for name, rules in accounts.items() for rule in rules]
    sink.answer(
        [
            {"account": name, "rules": [rule.to_dict() for rule in rules]}
            for name, rules in accounts.items()
        ],
        lambda: table(("account", "rule"), rows),
    )


@app.command()
def remove(
    account: Annotated[str, typer.Argument(help="The account's name.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Remove an account and its rules.

    \b
      sigsearch account remove ACME
    """
    from sigsearch.engine.accounts import remove_account
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file)) as opened:
        remove_account(opened, account)
    sink.answer({"removed": account}, lambda: line(f"removed {account}"))
