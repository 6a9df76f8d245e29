"""Which token types does an operation take? The same request with each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.exchange import INVALID, REDIRECTS, Call, Exchange, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.experiments.base import Context, Experiment
from checker.planning.credentials import single
from checker.probing.asks import Ask

AGAIN = 2


def with_token(token: str | None) -> Ask:
    """The question whether the request is accepted with another token (None: anonymous)."""

    def edit(call: Call) -> Call:
        return replace(call, token=token)

    return Ask(Kind.TOKEN, edit, detail={"token": token})


class Tokens(Experiment):
    """The token matrix: every type that the run has, none at all, and a nonsense value."""

    id = "tokens"
    order = 30

    async def run(self, context: Context) -> Iterable[Observation]:
        known = single(context.lab.account.tokens)
        if not known and not context.documented.security.protected:
            return []
        own = context.template.token
        others: list[str | None] = [t for t in known if t != own]
        if own is not None:
            others.append(None)
            if own in context.lab.account.tokens:
                others.append(INVALID)
        asks = [with_token(token) for token in others]
        described = context.documented.security.described
        protected = context.documented.security.protected

        def surprising(seen: Observation) -> bool:
            token = seen.detail["token"]
            if token is None and not (described or protected):
                return seen.rejected
            if token in (None, INVALID):
                return seen.accepted and protected
            if described:
                return seen.accepted != (token in described)
            return True

        out = await context.settle(asks, surprising)
        for number, (ask, seen) in enumerate(zip(asks, out, strict=True)):
            if described and seen.detail["token"] in described:
                out[number] = await _led_away(context, ask, seen)
        for seen in out:
            if seen.rejected and seen.detail["token"] not in (None, INVALID):
                for probe in [e for e in seen.evidence if e.role == "probe"][-1:]:
                    context.bench.judge.note_forbidden(probe.exchange)
        control = context.lab.last_control
        if control is not None:
            out = [_doubted(seen, control.exchange.response) for seen in out]
        if any(o.surely_accepted for o in out):
            # What is accepted says something only beside a credential that is refused.
            for number, (ask, seen) in enumerate(zip(asks, out, strict=True)):
                if seen.rejected and seen.rejection is Rejection.AUTHORISATION:
                    out[number] = await context.lab.confirm(ask, seen)
                    break
        doubted = context.bench.wire.doubted
        return [
            *self._own(context),
            *(o for o in out if o.accepted or o.detail["token"] not in doubted),
        ]

    @staticmethod
    def _own(context: Context) -> list[Observation]:
        """The witness's own token: every control since then was accepted with it."""
        own, control = context.template.token, context.lab.last_control
        if own not in single(context.lab.account.tokens) or control is None:
            return []
        seen = Observation(
            context.documented.id,
            Kind.TOKEN,
            Verdict.ACCEPTED,
            confirmed=True,
            evidence=(control,),
            detail={"token": own},
        )
        return [seen]


def _leads_away(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status in REDIRECTS


async def _led_away(context: Context, ask: Ask, seen: Observation) -> Observation:
    """The observation of a documented token; a refusal where it is led elsewhere, time and again,
    while the witness's own is answered for the same thing."""
    lab = context.lab
    evidence: list[Evidence] = []
    if seen.rejected or (seen.accepted and not _redirected(seen)) or lab.broken:
        return seen
    for _ in range(AGAIN):
        _, exchange, _, _ = await lab.sent(ask.edit)
        if not _leads_away(exchange):
            return seen
        good = lab.last_control if await lab.control() else None
        if good is None or not _answered(good.exchange):
            return seen
        evidence += [Evidence("probe", exchange, Verdict.REJECTED), good]
    return replace(
        seen,
        verdict=Verdict.REJECTED,
        rejection=Rejection.AUTHORISATION,
        confirmed=True,
        evidence=tuple(evidence),
    )


def _redirected(seen: Observation) -> bool:
    """Whether a redirect was what counted as accepted, since a document gives it as an answer."""
    probes = [e.exchange.response for e in seen.evidence if e.role == "probe"]
    return any(r is not None and r.status in REDIRECTS for r in probes)


def _answered(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status // 100 == 2


def _doubted(seen: Observation, good: Response | None) -> Observation:
    """The observation; inconclusive where another token was let in, but to something else than
    the witness's own: another kind of status or media type, or where a redirect leads (a page to
    log in, say)."""
    given = _answer(seen)
    if not seen.accepted or given is None or good is None:
        return seen
    if _led(given) == _led(good):
        return seen
    return replace(seen, verdict=Verdict.INCONCLUSIVE, confirmed=False)


def _led(answer: Response) -> tuple[int, str, str, str]:
    """What is the same in the answers of all who are let in."""
    places = (v for n, v in answer.headers.items() if n.lower() == "location")
    redirected = next(places, "") if answer.status // 100 == 3 else ""
    return answer.status // 100, answer.media_type, answer.moved_to, redirected


def _answer(seen: Observation) -> Response | None:
    probes = [e for e in seen.evidence if e.role == "probe"]
    return probes[-1].exchange.response if probes else None
