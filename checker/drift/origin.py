"""Where a rule's findings come from: what has to be asked for it to speak and be right. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """What decides about the findings of one rule, by the names of experiments and of kinds of
    questions; among the experiments are what a run asks of operations that have no working request
    ("missing"), that only older documents have ("dropped"), that it deletes by ("deletions").

    `explained_by` are the experiments that can show another cause of what was seen: where nothing
    was seen, they have nothing to explain. `any_answer`: every answer of the server may bring a
    finding, to whatever request, so that everything has to be asked.
    """

    experiments: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()
    any_answer: bool = False


ANY_ANSWER = Origin(any_answer=True)
UNASKED = Origin()
"""The documents say it alone, or the search for a working request shows it."""
