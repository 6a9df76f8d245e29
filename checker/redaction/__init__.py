"""Nothing leaks: one redaction for everything that a run writes or prints.

`Secrets` holds what is secret and gives texts, pages and JSON values without it; `spellings` knows
how a secret may be written; `members` which members are secret by name, schema or entropy;
`places` where a credential stands that nobody told us.
"""

from checker.redaction.keyring import Secrets
from checker.redaction.members import hides, is_open_header, is_secret_name
from checker.redaction.places import MASK, REDACTED
from checker.redaction.streams import MaskedStream, print_traceback

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
