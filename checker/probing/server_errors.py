"""Answers 5xx that experiments brought: do they come again, oftener than by accident?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checker.domain.exchange import Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Place
from checker.inference.sequential import Decision, decide
from checker.probing.asks import undecided
from checker.probing.bench import LabBroken
from checker.probing.confirmation import probes
from checker.probing.lab import Lab

ATTEMPTS = 4
CRASH = "crash"
"""Marks what is kept for its 5xx only."""
_SENT = ("dimension", "size")
"""What of a detail says what was sent, where that is told by its size only."""
_CHANGES = (Kind.REPLACE, Kind.ADD, Kind.REMOVE, Kind.COMBINE)


async def confirm_server_errors(
    lab: Lab, observations: Sequence[Observation], limit: int = 10
) -> list[Observation]:
    """The observations and what else was answered 5xx, each asked once more until it is sure.

    An experiment confirms what surprises it, and a 5xx where a rejection was due may not. The
    same request is sent again after a control, as often as the failure rate asks for; at most
    `limit` of those that nothing has confirmed. Inconclusive where another answer comes: the 5xx
    was the moment's.
    """
    out = [*observations, *_unnoticed(lab, observations)]
    failed = [n for n, seen in enumerate(out) if seen.rejection is Rejection.SERVER_ERROR]
    # Those that don't hold show how often the server fails; by that the others are measured.
    order = sorted(failed, key=lambda n: out[n].confirmed)
    asked = 0
    for number in order:
        seen = out[number]
        probe = next(iter(reversed(probes(seen))), None)
        known = seen.confirmed and _decision(lab, seen) is Decision.CONFIRMED
        if known or probe is None:
            continue
        if asked >= limit and not seen.confirmed:
            continue
        asked += not seen.confirmed
        try:
            out[number] = await proved(lab, seen, probe.exchange.request)
        except LabBroken:
            break
    return out


async def proved(lab: Lab, seen: Observation, request: Request) -> Observation:
    """An observation of 5xx, its request sent again until the failure rate can't explain it."""
    while (decision := _decision(lab, seen)) is Decision.OPEN:
        again = await _again(lab, request, seen.subject)
        if again is None:
            lab.controls.missed(Rejection.SERVER_ERROR)
            return undecided(seen)
        seen = replace(seen, evidence=(*seen.evidence, *again))
    return replace(seen, confirmed=True) if decision is Decision.CONFIRMED else undecided(seen)


def _decision(lab: Lab, seen: Observation) -> Decision:
    """What the failures of the probe say, but for the first: that one among so many probes
    failed raised the question, and is no answer to it."""
    failures = sum(p.verdict is Verdict.REJECTED for p in probes(seen))
    return decide(failures - 1, lab.controls.crash_rate)


async def _again(
    lab: Lab, request: Request, changed: FieldKey | None
) -> tuple[Evidence, ...] | None:
    """A control and the same 5xx once more; oftener tried where the network fails. What the
    request was about may have gone by now: it is sent to where the control was accepted, unless
    it is the path that was `changed`."""
    for _ in range(ATTEMPTS):
        if not await lab.control() or lab.last_control is None:
            continue
        control = lab.last_control
        there = control.exchange.request.url_path
        if changed is not None and changed.place is not Place.PATH:
            request = replace(request, url_path=there)
        exchange, verdict, rejection = await lab.send_request(request)
        if rejection is Rejection.SERVER_ERROR:
            return control, Evidence("probe", exchange, verdict)
        if rejection is Rejection.HELD:
            raise LabBroken(f"it isn't sent again: {exchange.held}")
        if rejection not in (Rejection.RATE, Rejection.TRANSPORT):
            return None
    return None


def _unnoticed(lab: Lab, observations: Sequence[Observation]) -> list[Observation]:
    """What was answered 5xx on the way to other answers, once for each change: an experiment keeps
    what decides its own question only. That of one field goes before that of several."""
    known = {p.exchange.number for o in observations for p in probes(o)}
    changes = {_change(o) for o in observations if o.rejection is Rejection.SERVER_ERROR}
    found: list[Observation] = []
    for seen in sorted(lab.crashes, key=lambda o: o.subject is None):
        if seen.kind not in _CHANGES or _change(seen) in changes:
            continue
        if any(p.exchange.number in known for p in probes(seen)):
            continue
        changes.add(_change(seen))
        # It answers no other question: of what it was asked for only what was sent is kept.
        sent = {name: seen.detail[name] for name in _SENT if name in seen.detail}
        found.append(replace(seen, detail={"role": CRASH, **sent}))
    return found


def _change(seen: Observation) -> tuple[object, ...]:
    """What tells changes apart; those of several fields by their request."""
    request = probes(seen)[0].exchange.request if seen.subject is None and probes(seen) else None
    return seen.kind, seen.subject, repr(seen.value), request
