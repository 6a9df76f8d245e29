"""Schemathesis as a source of requests: for the search of witnesses, and to fuzz."""

from __future__ import annotations

from collections.abc import Sequence

from checker.domain.exchange import Call
from checker.domain.observation import Observation
from checker.domain.operation import Operation
from checker.domain.portal import Portal
from checker.probing.fuzz import Fuzzer, fuzz_operation
from checker.probing.lab import Lab
from checker.settings import Settings

REQUESTS = 12
"""Fuzzed requests of one operation, controls not counted."""


class PortalFuzzer:
    """Generates from a portal's raw documents; the same seed gives the same requests."""

    def __init__(self, portal: Portal, settings: Settings) -> None:
        raw = {document.info.file: document.raw for document in portal.documents}
        self._fuzzer = Fuzzer(raw, settings.seed)

    def generate(self, operation: Operation, count: int) -> Sequence[Call]:
        """At most `count` documented-valid calls."""
        return self._fuzzer.generate(operation, None, count)

    async def fuzz(self, lab: Lab) -> list[Observation]:
        """Fuzz an operation that has a witness; what answers 5xx twice is an observation."""
        return await fuzz_operation(lab, self._fuzzer, REQUESTS)
