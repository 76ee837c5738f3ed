"""Scripts with which shells complete the command line.

They are made from the commands themselves and hold all words: no key press waits for Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer


def script_for(shell: str, command: Any) -> str:
    """For bash, zsh or fish, of the command that stands for all."""
    pages = list(_pages(command, "sigsearch"))
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](pages)


@dataclass(frozen=True, slots=True)
class _Page:
    """A command by all its words, what it is for, and the words that may follow."""

    words: str
    summary: str
    commands: tuple[str, ...]
    options: tuple[str, ...]


def _pages(command: Any, words: str) -> Iterator[_Page]:
    inner = getattr(command, "commands", {})
    context = typer.Context(command, info_name=words, help_option_names=["-h", "--help"])
    options = sorted({text for one in command.get_params(context) for text in one.opts
                      if text.startswith("--")})  # fmt: skip
    yield _Page(words, command.get_short_help_str(), tuple(inner), tuple(options))
    for name, one in inner.items():
        yield from _pages(one, f"{words} {name}")


def _steps(pages: list[_Page]) -> str:
    return "|".join(f'"{page.words}"' for page in pages[1:])


def _cases(pages: list[_Page], indent: str) -> str:
    return "\n".join(
        f'{indent}"{page.words}") commands="{" ".join(page.commands)}" '
        f'options="{" ".join(page.options)}" ;;'
        for page in pages
    )


def _bash(pages: list[_Page]) -> str:
    return f"""# Completion of sigsearch for bash.
_sigsearch() {{
    local now=${{COMP_WORDS[COMP_CWORD]}} place=sigsearch commands= options= at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case "$place ${{COMP_WORDS[at]}}" in
            {_steps(pages)}) place="$place ${{COMP_WORDS[at]}}" ;;
        esac
    done
    case $place in
{_cases(pages, "        ")}
    esac
    [[ $now == -* ]] && commands=$options
    COMPREPLY=($(compgen -W "$commands" -- "$now"))
}}
complete -o default -F _sigsearch sigsearch
"""


def _zsh(pages: list[_Page]) -> str:
    return f"""#compdef sigsearch
# Completion of sigsearch for zsh.
_sigsearch() {{
    local place=sigsearch commands= options= word
    for word in ${{words[2,CURRENT-1]}}; do
        case "$place $word" in
            {_steps(pages)}) place="$place $word" ;;
        esac
    done
    case $place in
{_cases(pages, "        ")}
    esac
    if [[ ${{words[CURRENT]}} == -* ]]; then
        compadd -- ${{=options}}
    elif [[ -n $commands ]]; then
        compadd -- ${{=commands}}
    else
        _files
    fi
}}
if [[ $funcstack[1] == _sigsearch ]]; then  # read from $fpath, to answer at once
    _sigsearch "$@"
else
    compdef _sigsearch sigsearch
fi
"""


def _fish(pages: list[_Page]) -> str:
    rows = [
        "# Completion of sigsearch for fish.",
        "function __sigsearch_at",
        "    set -l place sigsearch",
        "    for word in (commandline -opc)[2..]",
        f'        if contains -- "$place $word" {" ".join(repr(p.words) for p in pages[1:])}',
        '            set place "$place $word"',
        "        end",
        "    end",
        '    test "$place" = "$argv"',
        "end",
    ]
    summaries = {page.words: page.summary for page in pages}
    for page in pages:
        start = f"complete -c sigsearch -n '__sigsearch_at {page.words}'"
        for name in page.commands:
            told = summaries[f"{page.words} {name}"].replace("'", "\\'")
            rows.append(f"{start} -f -a {name} -d '{told}'")
        rows += [f"{start} -l {option[2:]}" for option in page.options]
    return "\n".join(rows) + "\n"
