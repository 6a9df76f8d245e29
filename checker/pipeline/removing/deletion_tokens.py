"""Which credentials an operation that deletes takes, told by what the clean-up deletes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from checker.domain.exchange import INVALID, Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Operation, Security
from checker.planning.credentials import documented_tokens

TWICE = 2
MOST_THINGS = 4
"""On so many own things of an operation credentials are tried, while anything is open."""
Credential = str | None
"""A token type; None stands for no credential."""


@dataclass(slots=True)
class TokenTrials:
    """What became of each credential that one operation was tried with.

    A refusal counts where the very thing was deleted with another one afterwards: nothing but the
    credential was in its way.
    """

    operation: Operation
    types: tuple[str, ...]
    things: int = 0
    """On how many own things credentials were tried."""
    unclear: set[Credential] = field(default_factory=set)
    """Those with which nothing can be told: what came is neither yes nor a refusal of theirs."""
    _told: set[tuple[Credential, Verdict, bool]] = field(default_factory=set)
    _accepted: dict[Credential, list[Exchange]] = field(default_factory=dict)
    _refused: dict[Credential, list[Evidence]] = field(default_factory=dict)

    def undecided(self) -> list[Credential]:
        """The credentials of which more is to be seen, those first that should be refused."""
        if self.things >= MOST_THINGS:
            return []
        wanted = asked_of(self.operation.security, self.types)
        return [t for t in wanted if t not in self.unclear and not self._is_decided(t)]

    def _is_decided(self, token: Credential) -> bool:
        refused = [e for e in self._refused.get(token, ()) if e.role == "probe"]
        needed = TWICE if self.surprises(token) else 1
        return len(refused) >= TWICE or len(self._accepted.get(token, ())) >= needed

    def surprises(self, token: Credential) -> bool:
        """Whether an acceptance with a credential would be another thing than the documents say."""
        security = self.operation.security
        if token == INVALID or (token is None and security.protected):
            return True
        named = documented_tokens(security, self.types)
        return token is not None and bool(named) and token not in named

    def note(self, refused: Sequence[Judged], accepted: Exchange, token: Credential) -> None:
        """A thing was deleted with a credential, after others were refused at it."""
        for judged in refused:
            kept = self._refused.setdefault(judged.exchange.request.token, [])
            kept.append(Evidence("probe", judged.exchange, Verdict.REJECTED))
        for kept in (self._refused[t] for t in {j.exchange.request.token for j in refused}):
            kept.append(Evidence("control", accepted, Verdict.ACCEPTED))
        self._accepted.setdefault(token, []).append(accepted)

    def news(self) -> Iterator[Observation]:
        """What is known by now and wasn't the last time."""
        for seen in self._observations():
            known = (seen.detail["token"], seen.verdict, seen.confirmed)
            if known not in self._told:
                self._told.add(known)
                yield seen

    def _observations(self) -> Iterator[Observation]:
        """Nothing of a credential that was both accepted and refused."""
        for token in self._refused.keys() - self._accepted.keys():
            evidence = tuple(self._refused[token])
            twice = sum(e.role == "probe" for e in evidence) >= TWICE
            yield self._observed(token, Verdict.REJECTED, evidence, twice)
        for token in self._accepted.keys() - self._refused.keys():
            given = tuple(Evidence("probe", e, Verdict.ACCEPTED) for e in self._accepted[token])
            yield self._observed(token, Verdict.ACCEPTED, given, len(given) >= TWICE)

    def _observed(
        self, token: Credential, verdict: Verdict, evidence: tuple[Evidence, ...], sure: bool
    ) -> Observation:
        return Observation(
            self.operation.id,
            Kind.TOKEN,
            verdict,
            rejection=Rejection.AUTHORISATION if verdict is Verdict.REJECTED else None,
            confirmed=sure,
            evidence=evidence,
            detail={"token": token},
        )


def asked_of(security: Security, types: Iterable[str]) -> list[Credential]:
    """The credentials that a deletion is to be tried with: those first that should be refused.

    Where the documents name no types, it only matters whether a credential is needed.
    """
    known = [t for t in types if t != INVALID]
    named = documented_tokens(security, known)
    if not known:
        return [None] if security.protected else []
    if not security.protected and not named:
        return [None]
    others = [t for t in known if t not in named] if named else []
    return [None, INVALID, *others, *(t for t in named if t in known)]
