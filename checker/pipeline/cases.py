"""What rules look at: each operation of a run with its documents and what was observed of it."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.observation import ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.drift.rule import Case
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.journal import LiveResult
from checker.settings import Target


def only(selection: Selection, operation: OperationId) -> Selection:
    """The selection with one operation."""
    return replace(
        selection,
        current=tuple(o for o in selection.current if o.id == operation),
        recorded=tuple(o for o in selection.recorded if o.id == operation),
    )


def cases(portal: Portal, selection: Selection, live: LiveResult, target: Target) -> list[Case]:
    """A case for each operation of a run, documented or not."""
    made: list[Case] = []

    def case(operation: Operation, documented: Operation | None) -> Case:
        record = selection.records.get(operation.id)
        return Case(
            operation=operation.id,
            observed=live.observed.get(operation.id, ObservedContract(operation.id)),
            documented=documented,
            legacy=tuple(selection.legacy.get(operation.id, ())),
            records=(record,) if record else (),
            words=_words(portal, operation),
            portal=portal,
            token_types=live.token_types,
            target=target.name,
            source="" if documented else operation.document.file,
        )

    if live.requests:
        made += [case(o, o) for o in selection.current]
        made += [case(o, None) for o in selection.recorded]
    return made


def _words(portal: Portal, operation: Operation) -> str:
    """Prose pages that name the operation's path."""
    return "\n".join(
        page.text
        for page in portal.pages
        if operation.id.path in page.text or operation.path_template in page.text
    )
