"""What a run is about to do, told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_samples import OK, load, openapi

from checker.domain.portal import Portal
from checker.pipeline.preparation import Intent, intent
from checker.settings import Settings


@pytest.mark.parametrize(
    ("static", "told"),
    [(False, Intent(reads=1, creates=1, documents=1)), (True, Intent(skipped=2, documents=1))],
)
def test_of_documents_alone_no_operation_does_anything(
    static: bool, told: Intent, tmp_path: Path
) -> None:
    document = load(
        tmp_path, openapi(paths={"/things": {"get": {"responses": OK}, "post": {"responses": OK}}})
    )
    assert intent(Settings(static=static), Portal((document,))) == told
