"""From the first request on, what a run does is on disk, and signals can end it."""

from __future__ import annotations

from checker.domain.exchange import Request
from checker.pipeline.ending import Ending
from checker.pipeline.written.recorder import Recorder
from checker.probing.http import Wire
from checker.safety.gate import Gate


def keep(wire: Wire, gate: Gate, recorder: Recorder | None, ending: Ending) -> None:
    """Tell `recorder` and `ending` of everything that is sent, answered, made and gone; what an
    earlier run has made and this one takes over is own from now on.

    To be called when the gate observes the wire already: an answer is written after what it has
    made, and a run that waits for it ends after both.
    """
    if recorder is not None:
        gate.ledger.changed = recorder.thing
        wire.observers.append(recorder.exchange)
        for thing in recorder.earlier:
            gate.ledger.take_over(thing)

    def sending(number: int, request: Request) -> None:
        ending.sending(number, request)
        if recorder is not None:
            recorder.sending(number, request)

    gate.sending = sending
    wire.observers.append(ending.answered)
