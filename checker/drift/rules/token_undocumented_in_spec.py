"""The rule `token-undocumented-in-spec`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from checker.documents.security_words import sentence_like, token_types
from checker.domain.exchange import INVALID
from checker.domain.finding import Finding, FindingField, Severity, Verdict
from checker.domain.observation import Kind, ObservedContract
from checker.domain.operation import Operation, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.build import with_sentence
from checker.drift.origin import Origin
from checker.drift.rule import Rule

SHARE = 0.2
_CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "apikey", "x-auth-token"})
_TOKEN_WORDS = re.compile(r"\b[\w-]+[*_`]{0,3}\s+tokens?\b", re.IGNORECASE)


class TokenUndocumentedInSpec(Rule):
    """The operation's description doesn't say which token types it is available for.

    ## What it does

    Where other operations of the same document (or of documents with the same authentication)
    name in words the token types they are available for, an operation that needs a token and
    names none is reported. A few among many are no convention: at least one in five has to.

    ## Why it matters

    A client can't know which token to send, and finds out by being refused.

    ## Example

    `GET /a`: "Available for **Staff tokens**." `GET /b`: "Lists all b."

    ## Fix

    Add a sentence like those of the other operations. Where a run has shown which tokens are
    accepted, the patch adds it; else the owner has to know.
    """

    id = "token-undocumented-in-spec"
    origin = Origin(experiments=("tokens", "deletions"))
    severity = Severity.MINOR
    summary = "The operation's description doesn't say which token types it is available for."
    unpatched = "nothing has shown which token types it is available for"

    def check_documents(
        self, portal: Portal, observed: Mapping[OperationId, ObservedContract]
    ) -> Iterable[Finding]:
        known = _tokens(observed)
        files, schemes = _Conventions(known), _Conventions(known)
        for operation in portal.operations():
            files.count(operation.document.file, operation)
            if key := _schemes(operation):
                schemes.count(key, operation)
        current = {o.id for o in portal.operations(legacy=False)}
        for operation in portal.operations():
            if operation.document.legacy and operation.id in current:
                continue  # the current document's words are what clients read
            if _TOKEN_WORDS.search(operation.text) or _names_types(operation, known):
                continue
            key = _schemes(operation)
            model = files.model(operation.document.file) or (schemes.model(key) if key else None)
            contract = observed.get(operation.id)
            if model is not None and _needs_token(operation, contract):
                # Of a type that wasn't tried here nobody knows whether it belongs into the list.
                shown = _shown(contract)
                whole = known <= {token.lower() for token in shown}
                accepted = tuple(token for token, taken in shown.items() if taken and whole)
                yield self._finding(operation, model, accepted)

    def _finding(
        self, operation: Operation, model: Operation, accepted: tuple[str, ...]
    ) -> Finding:
        sentence = ""
        if accepted:
            usual = f"Available for **{_listed(accepted)} tokens**."
            sentence = sentence_like(model.text, accepted) or usual
        patch: tuple[Mapping[str, Any], ...] = ()
        if sentence:
            text = _with(operation.description, sentence, model.description)
            path = f"{operation.location.pointer}/description"
            patch = ({"op": "add", "path": path, "value": text},)
        fix = (
            f'Add to the description: "{sentence}"'
            if sentence
            else (
                "Add a sentence to the description that names the token types, "
                f'as {model.id} has it ("Available for **… tokens**.").'
            )
        )
        return Finding(
            rule=self.id,
            severity=self.severity,
            operation=str(operation.id),
            field=FindingField("token"),
            documented=None,
            observed=list(accepted) or None,
            issue=f"{operation.id} needs a token, but its description doesn't say which token "
            "types it is available for, as other operations' descriptions do.",
            suggested_fix=fix,
            source=operation.location,
            patch=patch,
        )


class _Conventions:
    """How many operations of a group name token types, and the first that does."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._all: Counter[Any] = Counter()
        self._named: Counter[Any] = Counter()
        self._first: dict[Any, Operation] = {}

    def count(self, group: Any, operation: Operation) -> None:
        self._all[group] += 1
        if _names_types(operation, self._known):
            self._named[group] += 1
            self._first.setdefault(group, operation)

    def model(self, group: Any) -> Operation | None:
        """The operation to follow, where naming them is a convention of the group."""
        few = self._named[group] < SHARE * self._all[group]
        return None if few else self._first.get(group)


def _names_types(operation: Operation, known: frozenset[str]) -> bool:
    """Whether words name the token types that an operation is for; `known`: there are such."""
    return bool(operation.security.described or token_types(operation.text, known))


def _tokens(observed: Mapping[OperationId, ObservedContract]) -> frozenset[str]:
    """The types of the tokens that the run has."""
    sent = (o.detail.get("token") for c in observed.values() for o in c.of(Kind.TOKEN))
    return frozenset(str(t).lower() for t in sent if t not in (None, INVALID))


def _schemes(operation: Operation) -> Any:
    """How the operation authenticates, comparable between documents; None where unsaid."""
    security = operation.security
    found = [
        frozenset(
            (s.type, s.place, s.parameter.lower(), s.scheme.lower())
            for name in names
            if (s := security.schemes.get(name)) is not None
        )
        for names in security.alternatives or ()
    ]
    return frozenset(found) if found and all(found) else None


def _needs_token(operation: Operation, contract: ObservedContract | None) -> bool:
    if operation.security.alternatives is not None:
        return operation.security.protected
    if any(
        f.key.place is Place.HEADER and f.key.name.lower() in _CREDENTIALS
        for f in operation.parameters
    ):
        return True
    return contract is not None and any(
        o.surely_refused and o.detail.get("token") is None
        for o in contract.of(Kind.TOKEN)
        if "token" in o.detail
    )


def _shown(contract: ObservedContract | None) -> Mapping[str, bool]:
    """Of which types of tokens an operation has shown whether it takes them: by what was asked of
    them, else by answers that took them. The one that the run has, or that a record names, was
    never in question."""
    if contract is None:
        return {}
    asked = {str(o.detail["token"]): o for o in contract.of(Kind.TOKEN) if o.detail.get("token")}
    shown = {t: o.accepted for t, o in asked.items() if o.verdict is not Verdict.INCONCLUSIVE}
    for exchange, verdict in contract.exchanges:
        token = exchange.request.token
        if token and token not in asked and verdict is Verdict.ACCEPTED:
            shown[token] = True
    return {token: taken for token, taken in shown.items() if token != INVALID}


def _with(text: str, sentence: str, model: str) -> str:
    """A description with a sentence at its end: in a paragraph of its own where the model has it
    so."""
    if text.strip() and "\n\n" in model.strip():
        return f"{text.rstrip()}\n\n{sentence}"
    return with_sentence(text, sentence)


def _listed(tokens: tuple[str, ...]) -> str:
    shown = [token.replace("_", " ").capitalize() for token in tokens]
    if len(shown) < 3:
        return " and ".join(shown)
    return ", ".join(shown[:-1]) + f", and {shown[-1]}"
