"""What the clean-up deletes is looked at, where deletions aren't examined otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from keeping_shop import NAME, TOKEN, Shop, document, open_shop

from checker.domain.coverage import coverage
from checker.domain.observation import OperationOutcome
from checker.domain.run import RunResult
from checker.pipeline import run
from checker.pipeline.removing.removed import ONLY_REMOVED
from checker.reporting.formats import render
from checker.settings import Settings, Target, Token

KINDS = ("items", "boxes")
HELD = "it deletes"


def truthful() -> dict[str, Any]:
    """The shop's document with the one field that its creations need."""
    made = document()
    for kind in KINDS:
        content = made["paths"][f"/{kind}"]["post"]["requestBody"]["content"]
        content["application/json"]["schema"] = {
            "type": "object",
            "properties": NAME,
            "required": ["name"],
        }
    return made


def deletion(made: dict[str, Any], kind: str = "items") -> dict[str, Any]:
    found: dict[str, Any] = made["paths"][f"/{kind}/{{id}}"]["delete"]
    return found


def checked(
    folder: Path, shop: Shop, made: dict[str, Any], **options: Any
) -> tuple[RunResult, dict[str, OperationOutcome]]:
    (folder / "shop.json").write_text(json.dumps(made))
    target = Target(base_url=shop.url, tokens={"staff": Token("staff", TOKEN)})
    result = run(Settings(paths=(folder,), targets=(target,), fuzz=False, **options))
    return result, {str(o.operation): o for o in result.operations}


def deleted(shop: Shop, kind: str = "items") -> int:
    return sum(line.startswith(f"DELETE /{kind}/") for line in shop.log)


def test_what_the_clean_up_deletes_is_partly_examined(tmp_path: Path) -> None:
    """The document is true: all is said of the operation but a finding."""
    theirs = {"id": 900, "name": "somebody's", "size": 1}
    with open_shop() as shop:
        shop.kept["items"][900] = theirs
        result, outcomes = checked(tmp_path, shop, truthful())
        assert shop.kept == {"items": {900: theirs}, "boxes": {}}
        assert shop.deleted == shop.made
        sent = deleted(shop)
    assert result.findings == ()
    seen = outcomes["DELETE /items/{id}"]
    assert (seen.status, seen.reason, seen.requests) == ("partial", f"{HELD}: {ONLY_REMOVED}", sent)
    assert "--allow-destructive" in seen.help
    counts = coverage(result.operations)
    assert (counts.examined, counts.partly, counts.held_back) == (6, 2, 0)
    told = json.loads(render("json", result))
    assert told["run"]["coverage"]["operations"]["partly"] == 2
    assert all(
        ONLY_REMOVED in unescape(render(name, result)) for name in ("json", "md", "junit", "html")
    )


def _another_status(made: dict[str, Any]) -> None:
    answers = deletion(made)["responses"]
    answers["200"] = answers.pop("204")


def _a_body(made: dict[str, Any]) -> None:
    schema = {
        "type": "object",
        "required": ["gone"],
        "properties": {"gone": {"type": "boolean"}},
    }
    deletion(made)["responses"] = {
        "200": {"description": "done", "content": {"application/json": {"schema": schema}}},
        "401": {"description": "no"},
    }


@pytest.mark.parametrize(
    ("mutate", "answer", "rule"),
    [
        (_another_status, None, "status-undocumented"),
        (_a_body, {"gone": "yes"}, "response-type-mismatch"),
        (_a_body, {"gone": True, "at": 1}, "response-field-undocumented"),
        (_a_body, {}, "response-field-missing"),
        (_a_body, {"gone": True}, ""),
    ],
)
def test_its_answers_are_compared_with_the_documented_ones(
    tmp_path: Path, mutate: Callable[[dict[str, Any]], None], answer: Any, rule: str
) -> None:
    made = truthful()
    mutate(made)
    with open_shop() as shop:
        if answer is not None:
            shop.gone = 200, answer
        result, outcomes = checked(tmp_path, shop, made)
    assert outcomes["DELETE /items/{id}"].status == "partial"
    found = [(f.rule, f.operation) for f in result.findings if "DELETE /items" in f.operation]
    assert found == ([(rule, "DELETE /items/{id}")] if rule else [])


def test_one_deletion_alone_says_nothing_against_the_documents(tmp_path: Path) -> None:
    """As anywhere: a status that came once is no proof. All but the first are refused."""
    made = truthful()
    _another_status(made)
    with open_shop() as shop:

        def before(line: str) -> int | None:
            return 422 if line.startswith("DELETE") and shop.deleted else None

        shop.before = before
        result, outcomes = checked(tmp_path, shop, made)
        assert shop.deleted == 1 < deleted(shop)
    assert outcomes["DELETE /items/{id}"].status == "partial"
    assert not [f for f in result.findings if f.operation.startswith("DELETE")]


def test_a_refused_deletion_and_one_that_was_not_sent_stay_skipped(tmp_path: Path) -> None:
    made = truthful()
    del made["paths"]["/boxes"]["post"]
    with open_shop() as shop:
        shop.before = lambda line: 422 if line.startswith("DELETE") else None
        result, outcomes = checked(tmp_path, shop, made)
        assert deleted(shop) and not deleted(shop, "boxes")
    for kind in KINDS:
        outcome = outcomes[f"DELETE /{kind}/{{id}}"]
        assert (outcome.status, outcome.reason) == ("skipped", HELD)
    assert not [f for f in result.findings if f.operation.startswith("DELETE")]


def test_what_allows_deletions_examines_them_whole(tmp_path: Path) -> None:
    with open_shop() as shop:
        _, outcomes = checked(tmp_path, shop, truthful(), allow_destructive=True)
    assert outcomes["DELETE /items/{id}"].status == "probed"
