"""`words`: what the lexicon reads in a text."""

from __future__ import annotations

import re

import click

from checker.cli.exits import show

_OPERATION = re.compile(r"\s*[A-Za-z]+\s+/")


@click.command()
@click.argument("text", metavar="TEXT")
@click.option("--topic", metavar="NAME", help="Only this topic.")
def words(text: str, topic: str | None) -> int:
    """Print which entries of the lexicon speak in a text, and what each means.

    TEXT is "METHOD /path | words" for an operation, else a sentence or a name.
    """
    from checker.config.values import nearest
    from checker.errors import UsageError
    from checker.lexicon import Entry, entries, topics

    known = topics()
    if topic is not None and topic not in known:
        raise UsageError(f"Unknown topic {topic!r}.", nearest(topic, list(known)))
    is_operation = _OPERATION.match(text) is not None

    def fits(entry: Entry) -> bool:
        return (entry.form == "operation") == is_operation and entry.matches(text)

    asked = known if topic is None else (topic,)
    found = [entry for name in asked for entry in entries(name) if fits(entry)]
    width = max((len(entry.means) for entry in found), default=0)
    for entry in found:
        show(f"{entry.means:<{width}}  {entry.id}")
    if not found:
        show("Nothing of the lexicon speaks in this text.")
    return 0
