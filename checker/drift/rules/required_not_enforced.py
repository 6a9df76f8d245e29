"""The rule `required-not-enforced`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity
from checker.domain.observation import Kind
from checker.domain.operation import Place
from checker.drift.build import documented_field, finding, named
from checker.drift.rule import Case, Rule


class RequiredNotEnforced(Rule):
    """A field is documented as required; the server accepts the request without it.

    ## What it does
    Takes a documented required field out of an accepted request, twice.

    ## Why it matters
    Clients are made to collect a value that nobody needs.

    ## Example
    `POST /messages` documents `direction` as required; without it the server answers 201.

    ## Fix
    Take the field out of the `required` list, or make the server enforce it. Safe for clients.
    """

    id = "required-not-enforced"
    severity = Severity.MINOR
    summary = "A field documented as required isn't."

    def check(self, case: Case) -> Iterable[Finding]:
        for seen in case.observed.of(Kind.REMOVE):
            key = seen.subject
            if key is None or not (seen.accepted and seen.confirmed):
                continue
            field = documented_field(case, key)
            if field is None or not field.required:
                continue
            patch = []
            if key.place is not Place.BODY:
                path = f"{field.location.pointer}/required"
                patch = [{"op": "replace", "path": path, "value": False}]
            else:
                names = field.owner.pointer and _required_list(case, field.owner.pointer)
                if names and key.leaf in names:
                    path = f"{field.owner.pointer}/required/{names.index(key.leaf)}"
                    patch = [{"op": "remove", "path": path}]
            yield finding(
                self,
                case,
                key,
                issue=(
                    f"{named(key)} is documented as required, but the server accepts the request "
                    "without it."
                ),
                fix=(
                    f"Take {named(key)} out of the `required` list of `{case.operation}` "
                    "(or make the server refuse requests without it)."
                ),
                documented={"required": True},
                observed={"required": False},
                evidence=seen.evidence,
                patch=patch,
                source=field.owner if field.owner.pointer else field.location,
            )


def _required_list(case: Case, pointer: str) -> list[str]:
    """The `required` list that stands at the owner's place in the raw document."""
    assert case.documented is not None
    for schema in case.documented.body.values():
        stack = [schema] if schema is not None else []
        seen = 0
        while stack and seen < 500:
            node = stack.pop()
            seen += 1
            if node.location.pointer == pointer:
                raw = node.raw.get("required")
                return list(raw) if isinstance(raw, list) else []
            stack.extend(node.properties.values())
            if node.items is not None:
                stack.append(node.items)
    return []
