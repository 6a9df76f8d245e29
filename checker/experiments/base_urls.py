"""The same request on the primary and on the fallback base URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from checker.domain.exchange import Base, Call
from checker.domain.observation import Kind, Observation
from checker.experiments.base import Context, Experiment
from checker.probing.asks import Ask


def _moved(call: Call, base: Base) -> Call:
    return replace(call, base=base)


class BaseUrls(Experiment):
    """Asked where the witness needs the fallback, or a record says that it does."""

    id = "gateway"
    order = 35

    async def run(self, context: Context) -> Iterable[Observation]:
        if not context.bench.target.fallback_url or context.template.base != "fallback":
            return []
        ask = Ask(Kind.BASE, partial(_moved, base="primary"), detail={"base": "primary"})
        return [await context.lab.establish(ask)]
