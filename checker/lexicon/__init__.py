"""Words as data: what a text says, read by patterns that each carry their own cases.

A topic is one or more files `<topic>.toml` or `<topic>.<language>.toml` beside this module. Each
entry has a pattern, what it means, texts in which it must speak and texts in which it must stay
silent; an entry without both kinds is refused. Nothing else of the checker matches prose.
"""

from checker.lexicon.entries import Entry, LexiconError, entries, read, topics
from checker.lexicon.texts import folded, operation_line

__all__ = ["Entry", "LexiconError", "entries", "folded", "operation_line", "read", "topics"]
