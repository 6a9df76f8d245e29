"""When does an answer to a probe count as confirmed? See `checker.inference.sequential`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Observation
from checker.inference.sequential import LEAST, Decision, decide
from checker.probing.asks import agrees, seen_again, undecided
from checker.probing.controls import STICKY, Controls

MOST_BLANKS = 2
"""Repetitions of one claim that may come to nothing: the network failed, or a control did."""


@dataclass(slots=True)
class Claim:
    """A first answer and its repetitions.

    Who fails doesn't accept at random, so that an acceptance holds once it is seen twice; a
    refusal holds once the measured failure rate can't explain it.
    """

    seen: Observation
    agreeing: int = 1
    against: Observation | None = None
    blanks: int = 0

    def add(self, again: Observation) -> None:
        """Count a repetition; one that says neither is asked for once more."""
        if again.verdict is Verdict.INCONCLUSIVE and self.blanks < MOST_BLANKS:
            self.blanks += 1
        elif agrees(self.seen, again):
            self.seen = seen_again(self.seen, again)
            self.agreeing += 1
        else:
            self.against = again

    def decision(self, controls: Controls) -> Decision:
        """What is known, as often as unchanged requests fail; HOPELESS where a repetition
        disagrees."""
        if self.against is not None:
            return Decision.HOPELESS
        if self.seen.accepted:
            return Decision.CONFIRMED if self.agreeing >= LEAST else Decision.OPEN
        return decide(self.agreeing, controls.rate_of(self.seen.rejection))

    def result(self, controls: Controls) -> Observation:
        """The observation: confirmed, or inconclusive."""
        if self.decision(controls) is Decision.CONFIRMED:
            return replace(self.seen, confirmed=True)
        return undecided(self.seen)

    @property
    def shaken(self) -> bool:
        """Whether it ended in a 5xx the one time and not the other."""
        both = (self.seen, self.against)
        answers = [o for o in both if o is not None and o.verdict is not Verdict.INCONCLUSIVE]
        failed = [o for o in answers if o.rejected and not o.refused]
        return len(answers) == 2 and len(failed) == 1

    @property
    def contradiction(self) -> Exchange | None:
        """The refusal, where the same question was answered yes and, for a reason, no."""
        if self.against is None or self.seen.accepted == self.against.accepted:
            return None
        refusal = self.against if self.seen.accepted else self.seen
        if refusal.rejection not in STICKY:
            return None
        return next((p.exchange for p in reversed(probes(refusal))), None)


def probes(seen: Observation) -> list[Evidence]:
    """The evidence that isn't a control."""
    return [e for e in seen.evidence if e.role == "probe"]


def proved(observations: Sequence[Observation], controls: Controls) -> list[Observation]:
    """The observations; inconclusive where they were confirmed before it showed how often the
    server refuses what it otherwise accepts, and too few repetitions are left by that."""
    if not controls.refused:
        return list(observations)
    rate = controls.refusal_rate
    return [
        undecided(o)
        if o.refused and o.confirmed and decide(len(probes(o)), rate) is not Decision.CONFIRMED
        else o
        for o in observations
    ]
