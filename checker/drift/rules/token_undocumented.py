"""The rule `token-undocumented`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.nodes import member_of
from checker.domain.observation import Kind, Rejection
from checker.domain.operation import Operation
from checker.drift.build import answered, article, finding, listed
from checker.drift.compare.patches import Patch
from checker.drift.compare.sameness import lookup
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.rules.token_rejected import documented_tokens
from checker.drift.token_words import token_patch, token_patches_elsewhere


class TokenUndocumented(Rule):
    """A token type that isn't documented is accepted, or no token is documented at all.

    ## What it does
    Sends the same request with each token type of the run, with none and with an invalid one.

    ## Why it matters
    A client doesn't know which token to use, or a token can do more than its owner thinks.

    ## Example
    The operation documents no token; without one it answers 401.

    One finding tells all operations of a document that need a token without saying so.

    ## Fix
    Name the token types that work. Where all operations of the document that require a token do so
    in the same way, the patch requires it in that way.

    ## Before
    ```yaml
    get:
      description: Lists the services. Available for **Staff tokens**.
    ```

    ## After
    ```yaml
    get:
      description: Lists the services. Available for **Staff and App tokens**.
    ```
    """

    id = "token-undocumented"
    origin = Origin(experiments=("tokens", "deletions"))
    severity = Severity.MINOR
    worst = Severity.MAJOR
    summary = "An undocumented token type is accepted, or the token requirement isn't documented."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        tried = {o.detail["token"]: o for o in case.observed.of(Kind.TOKEN)}
        refused = [
            o
            for o in tried.values()
            if o.surely_rejected and o.rejection is Rejection.AUTHORISATION
        ]
        if not refused:
            return
        described = documented_tokens(case)
        security = case.documented.security
        if described:
            for token, seen in tried.items():
                if token in (None, "invalid") or token in described:
                    continue
                if not seen.surely_accepted:
                    continue
                yield finding(
                    self,
                    case,
                    FindingField("token", token),
                    issue=(
                        f"`{case.operation}` is documented for {listed(described)} tokens, but "
                        f"accepts {article(token)} {token} token too."
                    ),
                    fix=f"Add {token} to the token types of `{case.operation}`, or refuse it.",
                    documented=described,
                    observed="accepted",
                    evidence=[*seen.evidence, *refused[0].evidence],
                    patch=token_patch(case, described),
                ).with_(elsewhere=token_patches_elsewhere(case, described))
            return
        if security.protected:
            return
        anonymous = tried.get(None)
        if anonymous is None or not anonymous.surely_refused:
            return
        working = [t for t in case.token_types if t not in tried or tried[t].accepted]
        yield finding(
            self,
            case,
            FindingField("token", working[0] if len(working) == 1 else ""),
            issue=(
                f"No token is documented, but the server answers {answered(anonymous)} without "
                f"one; with {listed(working, 'or')} the request is accepted."
            ),
            fix=_declared(case.documented, working),
            documented=None,
            observed=working,
            severity=Severity.MAJOR,
            evidence=anonymous.evidence,
            identity="|".join(working),
            patch=_secured(case),
        )


def _secured(case: Case) -> Patch:
    """The requirement of the document's other operations, where all that have one have the same."""
    operation = case.documented
    if operation is None:
        return ()
    document = next((d for d in case.portal.documents if d.info == operation.document), None)
    if document is None:
        return ()
    nodes = (lookup(document.raw, o.location.pointer) for o in document.operations)
    found = [one for node in nodes if (one := member_of(node, "security"))]
    if not found or any(one != found[0] for one in found):
        return ()
    path = operation.location.child("security").pointer
    return ({"op": "add", "path": path, "value": found[0]},)


def _declared(operation: Operation, working: Sequence[str]) -> str:
    """How a document says that a token is needed."""
    swagger = operation.document.dialect == "2.0"
    schemes = "securityDefinitions" if swagger else "components.securitySchemes"
    return (
        f"Declare how the token ({listed(working, 'or')}) is sent in `{schemes}`, and require it "
        "with `security`: once at the top level where all operations need it, else in each that "
        "does."
    )
