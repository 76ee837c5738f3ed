"""Where an index in a database is: `postgresql://host/db?index=acme`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from sigsearch.errors import ArgumentRefused

_SCHEMES = ("postgresql", "postgres")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_SECRET = {"password", "sslpassword", "passfile"}
# A server that is gone without a word is noticed in about half a minute.
_LIVELY = {
    "connect_timeout": "10", "keepalives_idle": "10", "keepalives_interval": "5",
    "keepalives_count": "3", "tcp_user_timeout": "20000", "application_name": "sigsearch",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """connection: what libpq is given, with the password; place: the same for people, without;
    schema: that of the index; cache: a folder for the search structure, if one was named."""

    connection: str
    place: str
    name: str
    cache: Path | None

    def __repr__(self) -> str:
        return f"Address({self.place!r})"

    @property
    def schema(self) -> str:
        return f"sigsearch_{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ArgumentRefused; never with the password."""
        try:
            parts = urlsplit(text)
        except ValueError:
            raise ArgumentRefused("the address of the database is not a URL") from None
        pairs = dict(parse_qsl(parts.query, keep_blank_values=True))
        name, cache = pairs.pop("index", ""), pairs.pop("cache", "")
        if not _NAME.fullmatch(name):
            raise ArgumentRefused(
                f"name an index in a database as in postgresql://host/db?index=acme (letters a-z, "
                f"digits and _; at most 50), not {name!r}"
            )
        hosts = parts.netloc.rpartition("@")[2]
        if "," in hosts + pairs.get("host", ""):  # a standby is of no use to one who enrols
            pairs.setdefault("target_session_attrs", "read-write")
        own = {"index": name} | ({"cache": cache} if cache else {})
        return cls(
            _joined(parts.netloc, parts.path, _LIVELY | pairs),
            _joined(_without_password(parts.netloc), parts.path,
                    {key: value for key, value in pairs.items() if key not in _SECRET} | own),
            name,
            Path(cache).absolute() if cache else None,
        )  # fmt: skip


def is_address(place: os.PathLike[str] | str) -> bool:
    """Whether an index is in a database; raises ArgumentRefused for a URL that became a path."""
    text = os.fspath(place)
    if not isinstance(place, str) and re.match(r"postgres(ql)?:/", text):
        raise ArgumentRefused("give the address of a database as text: a Path loses a slash")
    return isinstance(place, str) and text.partition("://")[0] in _SCHEMES and "://" in text


def without_password(text: str) -> str:
    """A text for people, with any address of a database in it without its password."""
    text = re.sub(r"(postgres(?:ql)?://[^\s:/@?]*):[^\s/?]*@", r"\1@", text)
    return re.sub(r"([?&](?:ssl)?password=)[^\s&'\"]*", r"\1...", text)


def named(text: str, name: str) -> str:
    """The address of another index in the same database."""
    parts = urlsplit(text)
    pairs = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"index": name}
    return urlunsplit(parts._replace(query=urlencode(pairs, quote_via=quote, safe="/,:")))


def _without_password(netloc: str) -> str:
    user, at, hosts = netloc.rpartition("@")
    return user.partition(":")[0] + at + hosts


def _joined(netloc: str, path: str, pairs: dict[str, str]) -> str:
    query = urlencode(pairs, quote_via=quote, safe="/,:")
    return f"postgresql://{netloc}{path}?{query}"
