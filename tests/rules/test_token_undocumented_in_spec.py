"""`token-undocumented-in-spec`: only where the convention exists and a token is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import OperationId
from checker.drift.rules.token_undocumented_in_spec import TokenUndocumentedInSpec
from checker.settings import Settings

STAFF = "Lists a. Available for **Staff tokens**."
BEARER = {"type": "http", "scheme": "bearer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def document(
    descriptions: dict[str, str], scheme: dict[str, str] | None, open_paths: tuple[str, ...] = ()
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            path: {"get": {"description": text, "responses": {"200": {"description": "x"}}}}
            for path, text in descriptions.items()
        },
    }
    if scheme is not None:
        made["components"] = {"securitySchemes": {"s": scheme}}
        made["security"] = [{"s": []}]
    for path in open_paths:
        made["paths"][path]["get"]["security"] = []
    return made


def check(folder: Path, *documents: dict[str, Any], **observed: ObservedContract) -> list[Finding]:
    for number, content in enumerate(documents):
        (folder / f"d{number}.json").write_text(json.dumps(content))
    portal = load_portal((folder,), Settings())
    contracts = {contract.operation: contract for contract in observed.values()}
    return list(TokenUndocumentedInSpec().check_documents(portal, contracts))


def test_one_without_words(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, document({"/a": STAFF, "/b": "Lists b."}, BEARER))
    assert (finding.operation, finding.field.place) == ("GET /b", "token")
    assert finding.patch == ()


@pytest.mark.parametrize("words", ["Lists a. Token types: api.", "Available for **Api** tokens."])
@pytest.mark.parametrize(("token", "told"), [("api", ["GET /b"]), ("staff", [])])
def test_a_general_word_names_a_type_where_the_run_has_a_token_of_it(
    tmp_path: Path, words: str, token: str, told: list[str]
) -> None:
    seen = Observation(
        OperationId("GET", "/a"), Kind.TOKEN, Verdict.ACCEPTED, detail={"token": token}
    )
    contract = ObservedContract(seen.operation, (seen,))
    found = check(tmp_path, document({"/a": words, "/b": "Lists b."}, BEARER), a=contract)
    assert [f.operation for f in found] == told


def test_no_convention_no_finding(tmp_path: Path) -> None:
    assert check(tmp_path, document({"/a": "Lists a.", "/b": "Lists b."}, BEARER)) == []


def test_a_few_among_many_are_no_convention(tmp_path: Path) -> None:
    texts = {"/tokens": STAFF} | {f"/p{n}": "Lists p." for n in range(6)}
    assert check(tmp_path, document(texts, BEARER)) == []


def test_open_operations_need_no_words(tmp_path: Path) -> None:
    made = document({"/a": STAFF, "/b": "Lists b."}, BEARER, open_paths=("/b",))
    assert check(tmp_path, made) == []


def test_unknown_need_is_no_finding(tmp_path: Path) -> None:
    assert check(tmp_path, document({"/a": STAFF, "/b": "Lists b."}, None)) == []


def test_other_document_with_the_same_authentication(tmp_path: Path) -> None:
    one, two = document({"/a": STAFF}, BEARER), document({"/b": "Lists b."}, BEARER)
    assert [f.operation for f in check(tmp_path, one, two)] == ["GET /b"]


def test_other_authentication_has_no_such_convention(tmp_path: Path) -> None:
    one, two = document({"/a": STAFF}, BEARER), document({"/b": "Lists b."}, KEY)
    assert check(tmp_path, one, two) == []


def test_accepted_tokens_make_the_patch(tmp_path: Path) -> None:
    operation = OperationId("GET", "/b")
    tokens = tuple(
        Observation(operation, Kind.TOKEN, verdict, confirmed=True, detail={"token": token})
        for token, verdict in (("staff", Verdict.ACCEPTED), ("app", Verdict.REJECTED))
    )
    contract = ObservedContract(operation, tokens)
    made = document({"/a": STAFF, "/b": "Lists b."}, BEARER)
    (finding,) = check(tmp_path, made, b=contract)
    assert finding.observed == ["staff"]
    assert finding.patch == (
        {
            "op": "add",
            "path": "/paths/~1b/get/description",
            "value": "Lists b. Available for **Staff tokens**.",
        },
    )


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        (
            "Lists a.\n\nAvailable for **App** tokens.",
            "Lists b.\n\nAvailable for **Staff** tokens.",
        ),
        ("Token types: app, admin. Lists a.", "Lists b. Token types: staff."),
        ("Lists a. Requires an `app` token.", "Lists b. Requires a `staff` token."),
    ],
)
def test_the_sentence_is_written_as_the_document_writes_it(
    tmp_path: Path, model: str, wanted: str
) -> None:
    operation = OperationId("GET", "/b")
    detail = {"token": "staff"}
    seen = Observation(operation, Kind.TOKEN, Verdict.ACCEPTED, confirmed=True, detail=detail)
    made = document({"/a": model, "/b": "Lists b."}, BEARER)
    (finding,) = check(tmp_path, made, b=ObservedContract(operation, (seen,)))
    assert finding.patch[0]["value"] == wanted


@pytest.mark.parametrize("tried", [True, False])
def test_types_that_were_not_tried_leave_the_list_open(tmp_path: Path, tried: bool) -> None:
    """Elsewhere the run has used a directory token: whether it is taken here isn't known."""
    here, there = OperationId("GET", "/b"), OperationId("GET", "/a")

    def seen(operation: OperationId, token: str, verdict: Verdict) -> Observation:
        return Observation(operation, Kind.TOKEN, verdict, confirmed=True, detail={"token": token})

    own = [seen(here, "staff", Verdict.ACCEPTED)]
    own += [seen(here, "directory", Verdict.REJECTED)] if tried else []
    other = ObservedContract(there, (seen(there, "directory", Verdict.ACCEPTED),))
    (finding,) = check(
        tmp_path,
        document({"/a": STAFF, "/b": "Lists b."}, BEARER),
        a=other,
        b=ObservedContract(here, tuple(own)),
    )
    assert bool(finding.patch) is tried


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (Verdict.ACCEPTED, "Lists b. Available for **App and Staff tokens**."),
        (Verdict.REJECTED, "Lists b. Available for **Staff tokens**."),
        (Verdict.INCONCLUSIVE, None),
    ],
)
def test_a_type_is_left_out_only_where_it_was_refused(
    tmp_path: Path, app: Verdict, said: str | None
) -> None:
    """A deletion takes each type once: what it took is in the list, whatever it was asked again."""
    here = OperationId("GET", "/b")
    once = Observation(here, Kind.TOKEN, app, detail={"token": "app"})
    used = Exchange(Request("GET", "/b", token="staff"), Response(200))
    contract = ObservedContract(here, (once,), ((used, Verdict.ACCEPTED),))
    made = document({"/a": STAFF, "/b": "Lists b."}, BEARER)
    (finding,) = check(tmp_path, made, b=contract)
    assert [step["value"] for step in finding.patch] == ([said] if said else [])


def test_a_type_that_was_sent_and_not_answered_as_such_leaves_the_list_open(
    tmp_path: Path,
) -> None:
    here = OperationId("GET", "/b")
    seen = tuple(
        Observation(OperationId("GET", "/a"), Kind.TOKEN, Verdict.ACCEPTED, detail={"token": t})
        for t in ("staff", "app")
    )
    sent = [
        (Exchange(Request("GET", "/b", token=token), Response(status)), verdict)
        for token, status, verdict in (
            ("staff", 200, Verdict.ACCEPTED),
            ("app", 404, Verdict.REJECTED),
        )
    ]
    (finding,) = check(
        tmp_path,
        document({"/a": STAFF, "/b": "Lists b."}, BEARER),
        a=ObservedContract(OperationId("GET", "/a"), seen),
        b=ObservedContract(here, (), tuple(sent)),
    )
    assert finding.patch == ()


@pytest.mark.parametrize(("also", "told"), [(True, []), (False, ["GET /b"])])
def test_a_legacy_operation_is_told_where_no_current_document_has_it(
    tmp_path: Path, also: bool, told: list[str]
) -> None:
    texts = {"/a": STAFF, **({"/b": "Lists b. For **Staff tokens**."} if also else {})}
    (tmp_path / "legacy").mkdir()
    old = document({"/a": STAFF, "/b": "Lists b."}, BEARER)
    (tmp_path / "legacy" / "old.json").write_text(json.dumps(old))
    assert [f.operation for f in check(tmp_path, document(texts, BEARER))] == told
