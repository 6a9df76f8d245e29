"""The rule `auth-not-enforced`."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import Kind
from checker.drift.build import finding
from checker.drift.origin import Origin
from checker.drift.rule import Case, Rule
from checker.drift.words import sentences
from checker.lexicon import read

_WITHOUT_A_VALID_TOKEN = (
    (None, "without any token", "anonymous"),
    ("invalid", "with an invalid token", "invalid token accepted"),
)


class AuthNotEnforced(Rule):
    """Documented as protected, accepted without or with an invalid token.

    ## What it does
    Sends an accepted request without any credential, and with a nonsense one, twice. Silent where
    the operation's own words say that anybody may call it.

    ## Why it matters
    Anybody can call it.

    ## Example
    `GET /reports` documents a bearer token; without one it answers 200.

    ## Fix
    Protect the operation; or document it as public with `security: []`.
    """

    id = "auth-not-enforced"
    origin = Origin(experiments=("tokens", "deletions"))
    severity = Severity.CRITICAL
    summary = "A protected operation is accepted without a valid token."
    patches = False
    unpatched = "who may call it is for its owner to decide, and then for the server to enforce"

    def check(self, case: Case) -> Iterable[Finding]:
        documented = case.documented
        if documented is None or not documented.security.protected or _is_open(documented.text):
            return
        tried = {o.detail["token"]: o for o in case.observed.of(Kind.TOKEN)}
        for token, how, observed in _WITHOUT_A_VALID_TOKEN:
            seen = tried.get(token)
            if seen is None or not seen.surely_accepted:
                continue
            yield finding(
                self,
                case,
                FindingField("token", ""),
                issue=(
                    f"`{case.operation}` is documented as protected, but the server accepts it "
                    f"{how}."
                ),
                fix=(
                    f"Make the server refuse `{case.operation}` without a valid token, or document "
                    "it as public."
                ),
                documented="protected",
                observed=observed,
                evidence=seen.evidence,
            )
            return


def _is_open(words: str) -> bool:
    """Whether a sentence says that anybody may call it."""
    return any(read("open", sentence) for sentence in sentences(words))
