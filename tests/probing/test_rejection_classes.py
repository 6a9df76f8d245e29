"""What a refusal is about, by its words, where the status doesn't say so."""

from __future__ import annotations

import json

import pytest

from checker.domain.exchange import Response
from checker.domain.observation import Rejection
from checker.probing.oracle import Oracle


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (400, "The seal has already been taken.", Rejection.CONFLICT),
        (422, "Das Siegel ist bereits vergeben.", Rejection.CONFLICT),
        (400, "Ce sceau existe déjà", Rejection.CONFLICT),
        (400, "Ya existe un sello", Rejection.CONFLICT),
        (422, "Das Siegel fehlt.", Rejection.VALIDATION),
        (422, "Raum nicht gefunden", Rejection.VALIDATION),
        (200, "Zugriff verweigert", Rejection.AUTHORISATION),
        (200, "Salle introuvable", Rejection.ABSENCE),
    ],
)
def test_words_in_several_languages(status: int, words: str, expected: Rejection) -> None:
    body = {"success": False, "message": words}
    answer = Response(status, {"content-type": "application/json"}, body, json.dumps(body))
    assert Oracle().judge(answer)[1] is expected
