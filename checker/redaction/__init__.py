"""Nothing leaks: one redaction for everything that a run writes or prints.

`Secrets` holds what is secret and gives texts, pages and JSON values without it; `spellings` knows
how a secret may be written; `members` which members are secret by name, schema or entropy;
`places` where a credential stands that nobody told us.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.redaction.keyring import Secrets
    from checker.redaction.members import hides, is_open_header, is_secret_name
    from checker.redaction.places import MASK, REDACTED
    from checker.redaction.streams import MaskedStream, print_traceback

_HOMES = {
    "MASK": "places",
    "REDACTED": "places",
    "MaskedStream": "streams",
    "Secrets": "keyring",
    "hides": "members",
    "is_open_header": "members",
    "is_secret_name": "members",
    "print_traceback": "streams",
}


def __getattr__(name: str) -> Any:
    """A name's module is imported when the name is: a command that masks nothing has no need of
    the lexicon."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


__all__ = [
    "MASK",
    "REDACTED",
    "MaskedStream",
    "Secrets",
    "hides",
    "is_open_header",
    "is_secret_name",
    "print_traceback",
]
