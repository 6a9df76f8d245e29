"""What all formats tell alike: counts, order of sections, how a field is called."""

from __future__ import annotations

from checker.domain.asked import Asked, together
from checker.domain.coverage import Gap, coverage
from checker.domain.finding import Confidence, Finding, Severity
from checker.domain.run import RunResult

SEVERITIES = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)


def field_name(finding: Finding) -> str:
    """What a reader calls the field: its name, its status for a response, else the place."""
    field = finding.field
    if field.place == "response":
        parts = [part for part in (str(field.status or ""), field.name) if part]
        return " ".join(parts) or "response"
    return field.name or field.place


def field_place(finding: Finding) -> str:
    """Where the field is, for fields that aren't in the body; empty where the name says it."""
    field = finding.field
    if field.place == "body" or not field.name:
        return ""
    return field.place


def place_text(finding: Finding) -> str:
    """`file:line pointer` of the documented place; empty where there is none."""
    source = finding.source
    if source is None:
        return ""
    line = f":{source.line}" if source.line else ""
    return f"{source.file}{line} {source.pointer}".strip()


def place_line(finding: Finding) -> str:
    """`file:line` of the documented place, or as much of it as is known."""
    source = finding.source
    if source is None:
        return ""
    return f"{source.file}:{source.line}" if source.line else source.file


def sentence(finding: Finding) -> str:
    """The whole finding in one line of text: operation, field, issue, fix."""
    what = f"{finding.operation} {field_name(finding)}".strip()
    return f"{what}: {finding.issue} Fix: {finding.suggested_fix}"


def others(finding: Finding) -> tuple[str, ...]:
    """The operations that the finding serves beside its first."""
    return tuple(o for o in finding.also_operations if o != finding.operation)


def counts(result: RunResult) -> str:
    """ "2 critical, 5 major, 1 minor", or "no drift"."""
    parts = [f"{result.count(s)} {s.label}" for s in SEVERITIES if result.count(s)]
    return ", ".join(parts) or "no drift"


def headline(result: RunResult) -> str:
    """One sentence on the whole run."""
    found = len(result.findings)
    text = f"{found} finding{'' if found == 1 else 's'}"
    if found:
        text += f" ({counts(result)})"
    probed = sum(1 for o in result.operations if o.status in ("probed", "partial"))
    if result.target == "none":
        return f"{text} in the documents of {_operations(len(result.operations))}."
    return (
        f"{text}; {probed} of {_operations(len(result.operations))} probed"
        f" with {result.requests_sent} request{'' if result.requests_sent == 1 else 's'}."
    )


def _operations(number: int) -> str:
    return f"{number} operation{'' if number == 1 else 's'}"


def tallies(result: RunResult) -> list[str]:
    """Sentences on what isn't in the plain count: tentative, ignored, known, fixed."""
    said = []
    tentative = sum(1 for f in result.findings if f.confidence is Confidence.TENTATIVE)
    if tentative:
        said.append(f"{tentative} of the findings tentative: the proof is incomplete.")
    if result.ignored:
        said.append(f"{result.ignored} left out by the settings.")
    if result.baseline is not None:
        baseline = result.baseline
        said.append(
            f"Against the baseline: {len(baseline.new)} new, {len(baseline.known)} known, "
            f"{len(baseline.fixed)} fixed, {len(baseline.unchecked)} not looked for."
        )
        if baseline.expired:
            said.append(
                f"Accepted until a day that has passed, and counted again: {len(baseline.expired)}."
            )
    return [*said, *changes_lines(result)]


def changes_lines(result: RunResult) -> list[str]:
    """A sentence on what changed since the run before; none where there was none."""
    trend = result.trend
    if trend is None or len(trend.points) < 2:
        return []
    before = trend.points[-2].started_at.strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        f"{len(trend.appeared)} appeared",
        f"{len(trend.vanished)} vanished",
        f"{len(trend.flapping)} flapping",
    ]
    return [f"Since the run of {before}: {', '.join(parts)}."]


def coverage_line(result: RunResult) -> str:
    """How many operations were examined of all that were selected; empty without a live run."""
    seen = coverage(result.operations)
    if not seen.selected:
        return ""
    text = f"Coverage: {seen.examined} of {_operations(seen.selected)} examined"
    parts = [(seen.partly, "partly"), (seen.left, "not"), (seen.held_back, "skipped")]
    said = ", ".join(f"{number} {word}" for number, word in parts if number)
    line = f"{text}; {said}." if said else f"{text}."
    every = together(q for o in result.operations for q in o.questions.values())
    return f"{line} {questions_line(every)}".rstrip()


def questions_line(every: Asked) -> str:
    """What became of questions; empty where there are none."""
    others = f"{every.unasked} that don't decide about the chosen rules were not asked."
    unasked = others if every.unasked else ""
    if not every.asked:
        return unasked and f"Of the questions, {unasked}"
    left = every.asked - every.decided
    text = f"Of {every.asked} questions, {every.agrees} are answered as documented, "
    text += f"{every.drifts} otherwise"
    return f"{text}, {left} not. {unasked}".rstrip() if left else f"{text}. {unasked}".rstrip()


def why_not(result: RunResult) -> str:
    """Why the run is no answer to whether there is drift; empty where it is one.

    An error that left enough examined (a clean-up, say) is none.
    """
    if result.exit_status or result.status in ("failed", "interrupted"):
        return result.error
    return result.shortfall


def trouble(result: RunResult) -> str:
    """All that went wrong in the run itself, in one or two sentences."""
    return " ".join(dict.fromkeys(s for s in (result.error, result.shortfall) if s))


def gap_reason(gap: Gap) -> str:
    """Why operations weren't examined, and what would help."""
    if gap.waits_for is not None:
        waiting = len(gap.operations)
        return (
            f"{_operations(waiting)} {'waits' if waiting == 1 else 'wait'} for what "
            f"{gap.waits_for} makes: see its row. Once that is accepted, or with a thing of "
            "one's own (--var, or a workflow record), more can be asked."
        )
    reason = f"{gap.reason.rstrip('.')}." if gap.help and gap.reason else gap.reason
    return f"{reason} {gap.help}".strip()
