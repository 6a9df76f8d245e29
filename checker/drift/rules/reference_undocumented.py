"""The rule `reference-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, Severity, Words
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Place
from checker.drift.build import (
    answered,
    capital,
    documented_field,
    extension,
    field_words,
    finding,
    named,
    thing,
    words_of,
)
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_reference, mentions_operation, names
from checker.inference.facts import replaced
from checker.planning.meant import is_secret
from checker.planning.producers import noun_of
from checker.planning.routes import mentions_path, resource_of
from checker.planning.values import looks_like_identifier


class ReferenceUndocumented(Rule):
    """The value must be the identifier of an existing resource, and nothing says of which.

    ## What it does
    Sends an unknown identifier of the same shape (refused) and one obtained from a producer
    operation (accepted).

    ## Why it matters
    A client doesn't know where to get the value.

    ## Example
    `owner` must be the `id` of a user; the documentation says "string".

    ## Fix
    Name the resource and the operation that gives its identifier.

    ## Before
    ```yaml
    service_id:
      description: What the appointment is about.
    ```

    ## After
    ```yaml
    service_id:
      description: >-
        What the appointment is about.
        Identifier of an existing service, as given by `POST /platform/v1/services`.
    ```
    """

    id = "reference-undocumented"
    origin = Origin(experiments=("references",), questions=("reference",))
    severity = Severity.MAJOR
    summary = "A value must be an existing resource's identifier; the documentation is silent."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for key in case.observed.subjects(Kind.REPLACE):
            if key.place is Place.PATH:
                continue
            for seen in replaced(case.observed, key, "unknown-identifier"):
                if not seen.surely_refused:
                    continue
                producer, member = str(seen.detail["producer"]), str(seen.detail.get("member", ""))
                resource = _resource(producer, member)
                if key.name in extension(case).get("references", {}):
                    continue
                words = words_of(case, key)
                own = noun_of(key.leaf)
                told = "\n".join(field_words(case, key))
                if mentions_operation(told, producer) or _names_source(case, told, resource):
                    continue
                if documents_reference(words, resource) or (
                    own and documents_reference(words, own)
                ):
                    continue
                if is_secret(member):
                    if not names(words, member):
                        yield self._told(case, key, seen, member, producer)
                    continue
                holder = f"each entry of {named(key)}" if _is_list(case, key) else named(key)
                yield finding(
                    self,
                    case,
                    key,
                    issue=(
                        f"{holder[:1].upper()}{holder[1:]} must be the identifier of an existing "
                        f"{thing(resource)}, which isn't documented: an unknown one of the same "
                        f"shape is answered {answered(seen)}, one from `{producer}` is accepted."
                    ),
                    fix=(
                        f"Document that {holder} is the identifier of an existing "
                        f"{thing(resource)}, as given by `{producer}`."
                    ),
                    documented=None,
                    observed={"resource": resource, "producer": producer},
                    evidence=seen.evidence,
                    words=Words(
                        f"{capital(holder)} is the identifier of an existing {thing(resource)}, "
                        f"as given by `{producer}`.",
                        f"{'Identifiers of' if _is_list(case, key) else 'Identifier of an'} "
                        f"existing {thing(resource)}{'s' if _is_list(case, key) else ''}, "
                        f"as given by `{producer}`.",
                    ),
                )

    def _told(
        self, case: Case, key: FieldKey, seen: Observation, member: str, producer: str
    ) -> Finding:
        """What the server made up has to be said again: a code, a token, a version."""
        return finding(
            self,
            case,
            key,
            issue=(
                f"{named(key)} must be the `{member}` that `{producer}` answered with, which isn't "
                f"documented: another value of the same shape is answered {answered(seen)}."
            ),
            fix=f"Document that {named(key)} is the `{member}` that `{producer}` answers with.",
            documented=None,
            observed={"member": member, "producer": producer},
            evidence=seen.evidence,
            words=Words(
                f"{capital(named(key))} is the `{member}` that `{producer}` answers with.",
                f"The `{member}` that `{producer}` answers with.",
            ),
        )


def _resource(producer: str, member: str) -> str:
    """What the identifier is of: the producer's resource, or the one that its answer's member is
    named for: the `pastureId` of an animal is a pasture's."""
    own = noun_of(member) if looks_like_identifier(member) else ""
    return own or resource_of(producer.partition(" ")[2])


def _names_source(case: Case, told: str, resource: str) -> bool:
    """Whether a field's words name, by its path, an operation about the resource."""
    return any(
        resource_of(o.id.path) == resource and mentions_path(told, o.id.path)
        for o in case.portal.operations()
    )


def _is_list(case: Case, key: FieldKey) -> bool:
    field = documented_field(case, key)
    return field is not None and field.schema.items is not None and "array" in field.schema.types
