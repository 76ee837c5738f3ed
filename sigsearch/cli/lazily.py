"""A group whose commands are imported and built when they are called: `--help` needs none of them,
and a command only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command or a group of them lies; its summary: the first sentence of its help."""

    module: str
    name: str
    summary: str


def group_of(entries: Mapping[str, Entry]) -> type[TyperGroup]:
    """The class of a group with these commands, by their words, in this order."""

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands: MutableMapping[str, Any] = _Commands(entries)

        def list_commands(self, ctx: Any) -> list[str]:
            return list(entries)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            with formatter.section("Commands"):
                formatter.write_dl([(word, entry.summary) for word, entry in entries.items()])

    return Group


def summarise(group: typer.Typer) -> None:
    """Make each command's first sentence its summary, which is then never cut short."""
    for command in group.registered_commands:
        command.short_help = first_sentence(command.callback.__doc__)


def first_sentence(text: str | None) -> str:
    """Of the first paragraph, on one line."""
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".") + "."


class _Commands(dict[str, Any]):
    """Each is built when it is asked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        super().__init__(dict.fromkeys(entries))
        self._entries = entries

    def __getitem__(self, word: str) -> Any:
        if super().__getitem__(word) is None:
            self[word] = _built(word, self._entries[word])
        return super().__getitem__(word)

    def get(self, word: str, default: Any = None) -> Any:
        return self[word] if word in self else default  # noqa: SIM401 - that would call this

    def items(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        return ((word, self[word]) for word in self)

    def values(self) -> Iterator[Any]:  # type: ignore[override]
        return (self[word] for word in self)


def _built(word: str, entry: Entry) -> Any:
    found: typer.Typer | Callable[..., Any] = getattr(import_module(entry.module), entry.name)
    around = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        summarise(found)
        around.add_typer(found, name=word)
        command: Any = typer.main.get_group(around)
        command = command.commands[word]
    else:
        around.command(word)(found)
        command = typer.main.get_command(around)
    command.short_help = entry.summary
    return command
