"""What a write leaves behind: ignored fields, defaults."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.observation import Observation
from checker.experiments.base import Context, Experiment
from checker.experiments.defaults import defaults
from checker.experiments.ignored import ignored_fields
from checker.experiments.writing import Writing
from checker.probing.bench import LabBroken


class Effects(Experiment):
    """Two different values written and read back; left out and read back."""

    id = "effects"
    order = 60
    builds_on = ("required", "absent")
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        if context.documented.id.method not in ("POST", "PUT", "PATCH"):
            return []
        writing = Writing(context)
        out: list[Observation] = []
        try:
            out += await ignored_fields(context, writing)
            out += await defaults(context, writing)
        except LabBroken as error:
            context.lab.broken = context.lab.broken or error.message
        return out
