"""Takes secrets out of texts that other people's libraries wrote, before anybody logs, stores or shows them.

The one place that knows what a secret looks like. Two ways, because either alone lets something through: whatever the
environment holds as a secret is taken out by its value, and whatever has the form of a secret is taken out by its form.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "***"
# Shorter values would take harmless words out of every message.
_SHORTEST = 6

_SECRET_NAME = re.compile(r"secret|passw(or)?d|pwd|token|credential|private|webhook|(^|_)key($|_)", re.IGNORECASE)
# They hold the path of a file with the secret in it; a message must be able to name that path.
_NAMES_OF_FILES = re.compile(r"_FILE$|^GOOGLE_APPLICATION_CREDENTIALS$")

_KEYS = (
    r"password|passwd|pwd|sslpassword|secret|secret_?access_?key|client_?secret|token|motherduck_token|access_?token|"
    r"refresh_?token|session_?token|security-token|access_?key(?:_?id)?|api_?key|private_?key|credential|sig|signature"
)
_QUOTED_OR_BARE = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&,;"')\]}]+"""
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    # Up to the last @ before a blank or quote: a password that was not percent-encoded may hold @ and / itself.
    (re.compile(r"""([a-z][a-z0-9+.-]*://)[^\s"'<>]*@""", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(rf"""([\w-]*?(?:{_KEYS})["']?\s*(?:=|:(?!//))\s*)(?:{_QUOTED_OR_BARE})""", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), HIDDEN),
    (re.compile(r"\bya29\.[\w-]+"), HIDDEN),
)
_PASSWORD_OF_DSN = re.compile(rf"\b(?:{_KEYS})\s*=\s*({_QUOTED_OR_BARE})", re.IGNORECASE)


def redacted(text: object, environ: Mapping[str, str] = os.environ) -> str:
    """The text without secrets: those that the environment holds, in any spelling, and whatever looks like one."""
    shown = str(text)
    for secret in sorted(_secrets_of(environ), key=len, reverse=True):
        shown = shown.replace(secret, HIDDEN)
    for form, replacement in _FORMS:
        shown = form.sub(replacement, shown)
    return shown


def _secrets_of(environ: Mapping[str, str]) -> set[str]:
    """Every value that must not be shown, as it stands and as a library may spell it."""
    spelled = set()
    for name, value in environ.items():
        for secret in _secrets_in(name, value):
            for plain in (secret, unquote(secret)):
                escaped = plain.replace("\\", "\\\\").replace("'", "\\'")
                encoded = (quote(plain, safe=""), quote(plain), quote_plus(plain))
                spelled |= {plain, *encoded, escaped, plain.replace("'", "''")}
    return {form for form in spelled if len(form) >= _SHORTEST}


def _secrets_in(name: str, value: str) -> Iterator[str]:
    """The secret that a variable is, or that stands in its connection string, whatever the variable is called."""
    if _SECRET_NAME.search(name) and not _NAMES_OF_FILES.search(name):
        yield value
    for found in _PASSWORD_OF_DSN.findall(value):
        yield re.sub(r"\\(.)", r"\1", found[1:-1]) if found[:1] in "'\"" else found
    if "://" in value and "@" in value:
        yield from _password_of_url(value)


def _password_of_url(url: str) -> Iterator[str]:
    login, _, _ = url.partition("://")[2].rpartition("@")
    if ":" in login:
        yield login.partition(":")[2]
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield password
