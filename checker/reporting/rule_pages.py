"""The rules' pages, from the rules' own docstrings.

`python -m checker.reporting.rule_pages` prints docs/rules.md.
"""

from __future__ import annotations

import inspect
import re

from checker.drift.registry import all_rules
from checker.drift.rule import Rule

INTRODUCTION = """\
# Rules

Generated from the rules' docstrings: `python -m checker.reporting.rule_pages > docs/rules.md`.

A rule is one kind of drift. Its id is used by `--rule`, `--ignore`, the config, the baseline
and every report. The severity is the default; `[rules.<id>]` in the config overrides it.

A safe patch is applied by `driftcheck fix REPORT --write --only-safe`; one to be reviewed is left
out by that. A tentative finding's patch is always to be reviewed.
"""


def summaries() -> dict[str, str]:
    """Rule id → one sentence."""
    return {rule.id: rule.summary for rule in all_rules()}


def page(rule: Rule) -> str:
    """One rule's page as Markdown, its id as the heading."""
    text = re.sub(r"^##? ", "### ", words_of(rule), flags=re.M)
    head = f"## {rule.id}\n\nDefault severity: {rule.severity.label}."
    return f"{head}\n\n{text}\n\n### Is the fix safe?\n{safety(rule)}\n"


def safety(rule: Rule) -> str:
    """Whether `driftcheck fix` can be trusted with what the rule finds, in a sentence or two."""
    if not rule.patches:
        return f"There is no patch: {rule.unpatched}."
    own = rule.unpatched != Rule.unpatched
    return f"{_safety(rule)} Where there is no patch, {rule.unpatched}." if own else _safety(rule)


def _safety(rule: Rule) -> str:
    if type(rule).decides is not Rule.decides:
        return (
            "Safe where a patch only adds what was proved. Any other is to be reviewed: the server "
            "may be what is wrong, so somebody has to decide."
        )
    if rule.decided:
        return "Safe: a patch only writes down what was proved."
    return "To be reviewed: the server may be what is wrong, so somebody has to decide."


def words_of(rule: Rule) -> str:
    """What a rule's docstring says, as Markdown: a sentence, then sections."""
    return inspect.cleandoc(type(rule).__doc__ or rule.summary)


def all_pages() -> str:
    """docs/rules.md: a table of all rules, then their pages."""
    rules = all_rules()
    rows = [f"| [{r.id}](#{r.id}) | {r.severity.label} | {r.summary} |" for r in rules]
    table = "\n".join(["| Rule | Severity | It says |", "|---|---|---|", *rows])
    return "\n".join([INTRODUCTION, table, "", *(page(rule) for rule in rules)])


if __name__ == "__main__":
    print(all_pages(), end="")
