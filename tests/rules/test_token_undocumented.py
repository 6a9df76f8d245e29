"""`token-undocumented`: where no token is documented, it is required as the neighbours do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.drift.rule import Case
from checker.drift.rules.token_undocumented import TokenUndocumented

GET = OperationId("GET", "/b")
KEY, OTHER = [{"key": []}], [{"other": []}]


@pytest.mark.parametrize(
    ("neighbours", "patched"),
    [((KEY,), True), ((KEY, KEY), True), ((KEY, OTHER), False), ((), False), (([],), False)],
)
def test_the_requirement_is_that_of_all_other_operations(
    tmp_path: Path, neighbours: tuple[Any, ...], patched: bool
) -> None:
    paths: dict[str, Any] = {"/b": {"get": {"responses": OK}}}
    for number, security in enumerate(neighbours):
        paths[f"/a{number}"] = {"get": {"responses": OK, "security": security}}
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}
    schemes = {"securitySchemes": {"key": scheme, "other": {**scheme, "name": "X-Other"}}}
    document = load(tmp_path, openapi(paths=paths, components=schemes))
    anonymous = Observation(
        GET,
        Kind.TOKEN,
        Verdict.REJECTED,
        rejection=Rejection.AUTHORISATION,
        confirmed=True,
        detail={"token": None},
    )
    documented = next(o for o in document.operations if o.id == GET)
    observed = ObservedContract(GET, (anonymous,))
    case = Case(GET, observed, documented, portal=Portal((document,)), token_types=("staff",))
    (found,) = TokenUndocumented().check(case)
    step = {"op": "add", "path": "/paths/~1b/get/security", "value": KEY}
    assert found.patch == ((step,) if patched else ())
