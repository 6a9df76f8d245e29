"""The rule `lifecycle-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from operator import attrgetter

from checker.domain.finding import Finding, FindingField, Severity, Words
from checker.domain.observation import Kind, Observation
from checker.drift.build import (
    a_thing,
    answered,
    capital,
    extension,
    finding,
    listed,
    thing,
    words_of,
)
from checker.drift.documented_moves import all_words, says_it_moves
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.rules.prerequisite_undocumented import needed_steps
from checker.drift.words import (
    documents_lifecycle,
    documents_prerequisite,
    documents_unique,
    needs,
    sentences,
    stem,
)
from checker.inference.name_spellings import without_name
from checker.lexicon import read
from checker.planning.routes import resource_of

CONFLICT = HTTPStatus.CONFLICT
SPENT, MADE, MOVED, LEFT = "spent", "made", "moved", "left"
"""Roles of the experiments `states` and `moved`, and of the clean-up's deletions."""


class LifecycleUndocumented(Rule):
    """A resource goes through states that decide whether an operation works.

    ## What it does
    Sends the same request while the resource is in one state (refused) and in another
    (accepted); the step between them, a call or an event, is what moves it.

    ## Why it matters
    A client uses a resource that it has just made, and is refused.

    ## Example
    A new channel is `pending`; messages are refused until it is `active`.

    ## Fix
    Document the states and what moves between them.

    ## Before
    ```yaml
    post:
      description: Creates a session over a channel.
    ```

    ## After
    ```yaml
    post:
      description: >-
        Creates a session over a channel.
        A channel can be used once it is `active` (pending → active), which it becomes
        after a while or an event.
    ```
    """

    id = "lifecycle-undocumented"
    origin = Origin(experiments=("prerequisites", "states", "moved", "deletions"))
    severity = Severity.MAJOR
    summary = "A resource's state decides, and the documentation doesn't say so."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        done: set[str] = set()
        needed = needed_steps(case)
        moving = [o for o in needed if o.detail.get("acts_on")]
        prerequisites = {str(o.detail["endpoint"]) for o in needed if not o.detail.get("acts_on")}
        waiting = filter(attrgetter("surely_refused"), case.observed.of(Kind.STATE))
        for seen in [*moving, *waiting]:
            endpoint = str(seen.detail.get("acts_on_endpoint") or seen.detail["endpoint"])
            # A prerequisite's finding already says that it must be there and active.
            said = endpoint in prerequisites and not seen.detail.get("feeds_request")
            if endpoint in done or said:
                continue
            done.add(endpoint)
            found = self._of(case, seen, endpoint)
            if found is not None:
                yield found

    def _of(self, case: Case, seen: Observation, endpoint: str) -> Finding | None:
        resource = resource_of(endpoint.partition(" ")[2])
        states = [str(s) for s in seen.detail.get("states", ()) if s]
        if resource in extension(case).get("lifecycle", {}):
            return None
        if documents_lifecycle(all_words(case), resource, states):
            return None
        role = seen.detail.get("role")
        if role in (SPENT, MADE, MOVED, LEFT):
            return self._by_state(case, seen, resource, str(role), states)
        if says_it_moves(case, str(seen.detail["endpoint"]), acts=True):
            return None
        by_itself = _waits(seen) or seen.detail.get("looks")
        if _state_needed(case, states) or (by_itself and _something_needed(case, resource)):
            return None
        return self._after(case, seen, resource, states)

    def _after(self, case: Case, seen: Observation, resource: str, states: list[str]) -> Finding:
        mover = (
            "after a while or an event" if _waits(seen) else f"after `{seen.detail['endpoint']}`"
        )
        between = f" ({' → '.join(states)})" if len(states) > 1 else ""
        return finding(
            self,
            case,
            FindingField("workflow", resource),
            issue=(
                f"A new {thing(resource)} can't be used at once{between}: `{case.operation}` is "
                f"answered {answered(seen)} for one that was just made, and accepted {mover}. The "
                "documentation doesn't say so."
            ),
            fix=(
                f"Document the states of {a_thing(resource)}"
                + (f" ({listed(states)})" if states else "")
                + f", that it must be {states[-1] if states else 'active'} for "
                f"`{case.operation}`, and what brings it there ({mover})."
            ),
            documented=None,
            observed=states or [mover],
            evidence=seen.evidence,
            words=Words(
                f"{capital(a_thing(resource))} can be used once it is `{states[-1]}`{between}, "
                f"which it becomes {mover}."
                if states
                else f"A new {thing(resource)} can be used only {mover}."
            ),
            identity=resource,
        )

    def _by_state(
        self, case: Case, seen: Observation, resource: str, role: str, states: list[str]
    ) -> Finding | None:
        """Refused once the request or another one has moved the resource, or for one made in
        another state."""
        works, fails = states[::-1] if role == MADE else states
        if _named(case, works) or _is_told_otherwise(case, seen, resource, role, fails):
            return None
        how = f"made with `{seen.detail['field']}` " if role == MADE else "that is "
        return finding(
            self,
            case,
            FindingField("workflow", resource),
            issue=(
                f"`{case.operation}` is accepted for {a_thing(resource)} {how}`{works}` and "
                f"answered {answered(seen)} for one {how}`{fails}`. The documentation doesn't "
                "say so."
            ),
            fix=(
                f"Document the states of {a_thing(resource)} ({listed(states)}), and that it must "
                f"be {works} for `{case.operation}`."
            ),
            documented=None,
            observed=states,
            words=Words(
                f"The {thing(resource)} must be {how.removeprefix('that is ')}`{works}`; "
                f"one {how}`{fails}` is refused."
            ),
            evidence=seen.evidence,
            identity=resource,
        )


def _says_until(case: Case, seen: Observation, fails: str) -> bool:
    """Whether the words speak of the state in which it is refused, or of what brings that."""
    return says_it_moves(case, str(seen.detail["endpoint"]), acts=True) or _named(case, fails)


def _named(case: Case, state: str) -> bool:
    """Whether a sentence has a state in it, and not only in a field's own name ("Planned on")."""
    fields = case.documented.fields.values() if case.documented is not None else ()
    own = [
        without_name(t, f.key.leaf) for f in fields for t in (f.description, f.schema.description)
    ]
    text = "\n".join([words_of(case), *own])
    found = (m.group() for s in sentences(text) for m in stem(state).finditer(s))
    return any(word == state or not read("exchange", word) for word in found)


def _status_documented(case: Case, seen: Observation) -> bool:
    """Whether the refusal has a documented status of its own for conflicts, which says more than
    the status does by itself."""
    statuses = {e.exchange.response.status for e in seen.evidence if e.exchange.response}
    listed_ = case.documented.responses if case.documented is not None else ()
    said = [r.description for r in listed_ if r.status == str(CONFLICT.value)]
    return CONFLICT in statuses and any(_says_more(text) for text in said)


def _says_more(text: str) -> bool:
    """Whether a response's description has words beside its status and the status's name."""
    own = text.replace(str(CONFLICT.value), " ").lower().strip(" .:-\n")
    return own not in ("", CONFLICT.phrase.lower())


def _waits(seen: Observation) -> bool:
    """Whether it is waiting that moves the resource, and no call."""
    return seen.kind is Kind.STATE or bool(seen.detail.get("waits"))


def _something_needed(case: Case, resource: str) -> bool:
    """Whether a sentence says that something is needed of the resource: where it gets ready by
    itself no answer has shown what that is called. What is said of a field that refers to it, or
    of values that must not come twice, is no such need."""
    text = all_words(case)
    for field in case.documented.fields if case.documented is not None else ():
        text = without_name(text, field.leaf) if field.leaf != resource else text
    return any(
        documents_prerequisite(s, resource) and not documents_unique(s) for s in sentences(text)
    )


def _state_needed(case: Case, states: list[str]) -> bool:
    """Whether a sentence says that the state which works is needed."""
    if not states:
        return False
    wanted = stem(states[-1])
    return any(needs(s) and wanted.search(s) for s in sentences(all_words(case)))


def _is_told_otherwise(case: Case, seen: Observation, resource: str, role: str, fails: str) -> bool:
    """Whether words, or another cause that wasn't ruled out, explain what was seen of a state."""
    if role == MOVED:
        # Reading what was made may have moved it on since it was called what works.
        return _says_until(case, seen, fails) or _something_needed(case, resource)
    if role == LEFT and _named(case, fails):
        return True
    if role == SPENT and documents_unique(all_words(case)):
        return True
    return role in (SPENT, LEFT) and _status_documented(case, seen)
