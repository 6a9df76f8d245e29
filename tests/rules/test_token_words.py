"""The sentence that names token types, in every document that has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Document, Portal
from checker.drift.rule import Case
from checker.drift.token_words import token_patch, token_patches_elsewhere

GET = OperationId("GET", "/a")


def document(folder: Path, words: str, name: str) -> Document:
    get: dict[str, Any] = {"description": words, "responses": {"200": {"description": "fine"}}}
    return load(folder, openapi(paths={"/a": {"get": get}}), name)


@pytest.mark.parametrize(
    ("legacy", "wanted"),
    [
        ("Reads it. Available for **Staff and Bot tokens**.", "Reads it. Available for **Staff t"),
        ("Requires a bot or staff token.", "Requires a staff token."),
        ("Available for Bot tokens.", ""),
        ("Reads it.", ""),
    ],
)
def test_a_legacy_document_that_says_the_same_is_mended_with_the_current_one(
    tmp_path: Path, legacy: str, wanted: str
) -> None:
    now = document(tmp_path, "Available for **Staff and Bot tokens**.", "now.json")
    old = document(tmp_path, legacy, "old.json")
    seen = [
        Observation(GET, Kind.TOKEN, verdict, confirmed=True, detail={"token": token})
        for token, verdict in (("staff", Verdict.ACCEPTED), ("bot", Verdict.REJECTED))
    ]
    case = Case(
        GET,
        ObservedContract(GET, tuple(seen)),
        now.operations[0],
        legacy=old.operations,
        portal=Portal((now, old)),
    )
    (step,) = token_patch(case, ["staff", "bot"])
    assert step["value"] == "Available for **Staff tokens**."
    patches = token_patches_elsewhere(case, ["staff", "bot"])
    assert [(o.file, o.patch[0]["value"][: len(wanted)]) for o in patches] == (
        [(old.info.file, wanted)] if wanted else []
    )
