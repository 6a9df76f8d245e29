"""The rule `token-rejected`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import Kind
from checker.drift.build import answered, article, finding, listed
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.token_words import token_patch, token_patches_elsewhere
from checker.planning import credentials


class TokenRejected(Rule):
    """A documented token type is refused.

    ## What it does
    Sends the same request with each token type of the run; another one is accepted.

    ## Why it matters
    A client with the documented token fails.

    ## Example
    "Available for Staff and Directory tokens"; with a directory token the server answers 401.

    ## Fix
    Name only the token types that work.
    """

    id = "token-rejected"
    origin = Origin(experiments=("tokens", "deletions"))
    severity = Severity.MAJOR
    worst = Severity.CRITICAL
    summary = "A documented token type is refused."
    decided = False

    def check(self, case: Case) -> Iterable[Finding]:
        if case.documented is None:
            return
        described = documented_tokens(case)
        tried = {o.detail["token"]: o for o in case.observed.of(Kind.TOKEN)}
        refused = [t for t in described if t in tried and tried[t].surely_refused]
        working = [t for t in described if t not in refused]
        everyone = not set(working).intersection(case.token_types)
        for token in refused:
            seen = tried[token]
            yield finding(
                self,
                case,
                FindingField("token", token),
                issue=(
                    f"`{case.operation}` is documented for {listed(described)} tokens, but "
                    f"answers {answered(seen)} to {article(token)} {token} token; the same request "
                    "with another token is accepted."
                ),
                fix=(
                    f"Remove {token} from the token types of `{case.operation}`"
                    + (f"; {listed(working)} remain." if working else ".")
                ),
                documented=list(described),
                observed="rejected",
                severity=Severity.CRITICAL if everyone else None,
                evidence=seen.evidence,
                patch=token_patch(case, described),
            ).with_(elsewhere=token_patches_elsewhere(case, described))


def documented_tokens(case: Case) -> list[str]:
    """Token types that the operation documents: in words, or as a scheme named like one."""
    assert case.documented is not None
    return credentials.documented_tokens(case.documented.security, case.token_types)
