"""The rule `prerequisite-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity, Words
from checker.domain.observation import Kind, Observation
from checker.drift.build import a_thing, answered, capital, extension, finding, words_of
from checker.drift.documented_moves import says_it_moves
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import documents_prerequisite
from checker.planning.routes import resource_of


class PrerequisiteUndocumented(Rule):
    """The operation succeeds only after other calls that its documentation doesn't mention.

    ## What it does
    Runs the workflow with one prerequisite step taken out (refused) and with it (accepted).

    ## Why it matters
    Following the documentation to the letter fails, and nothing says how to succeed.

    ## Example
    `POST /messages` works only once a session was made with `POST /sessions`.

    ## Fix
    Name the call, and the state it must have brought about, in the description.

    ## Before
    ```yaml
    post:
      description: Sends a message over a channel.
    ```

    ## After
    ```yaml
    post:
      description: >-
        Sends a message over a channel.
        A session must exist first (`POST /business/communication/sessions`).
    ```
    """

    id = "prerequisite-undocumented"
    origin = Origin(experiments=("prerequisites",))
    severity = Severity.CRITICAL
    summary = "A call must come first, and the documentation doesn't say so."

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        for seen in needed_steps(case):
            if seen.detail.get("acts_on"):
                continue
            endpoint = str(seen.detail["endpoint"])
            resource = resource_of(endpoint.partition(" ")[2])
            if endpoint in extension(case).get("prerequisites", ()):
                continue
            if documents_prerequisite(words_of(case), resource) or says_it_moves(case, endpoint):
                continue
            yield finding(
                self,
                case,
                FindingField("workflow", str(seen.detail["step"])),
                issue=(
                    f"`{case.operation}` needs `{endpoint}` first, which its documentation doesn't "
                    f"mention: without that call the same request is answered {answered(seen)}."
                ),
                fix=(
                    f"Document in `{case.operation}` that {a_thing(resource)} must exist first "
                    f"(`{endpoint}`)."
                ),
                documented=None,
                observed={"prerequisite": endpoint},
                evidence=seen.evidence,
                words=Words(f"{capital(a_thing(resource))} must exist first (`{endpoint}`)."),
                identity=endpoint,
            )


def needed_steps(case: Case) -> list[Observation]:
    """Steps without which the operation is refused, confirmed."""
    return [o for o in case.observed.of(Kind.OMIT_STEP) if o.surely_refused]
