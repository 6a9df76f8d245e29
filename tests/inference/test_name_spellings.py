"""A name in sentences."""

from __future__ import annotations

import pytest

from checker.inference.name_spellings import gist, without_name


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("Reference number is not a known field", "referenceNumber", "# is not a known field"),
        ("reference_number: unknown", "referenceNumber", "#: unknown"),
        ('{"reference-number": 1}', "reference_number", '{"#": 1}'),
        ("The ID of it is an idea", "id", "The # of it is an idea"),
        ("nothing of the kind", "referenceNumber", "nothing of the kind"),
        ("größe fehlt", "größe", "# fehlt"),
    ],
)
def test_a_name_in_whatever_spelling(text: str, name: str, wanted: str) -> None:
    assert without_name(text, name) == wanted


def test_what_differs_from_answer_to_answer_is_no_part_of_what_is_said() -> None:
    first = {"text": "region is not known", "at": "2031-04-01T13:51:00.000Z", "id": "req-469d1"}
    second = {"text": "Zq unknown field is not known", "at": "2031-04-01T13:52:07.000Z", "id": "7"}
    assert gist(str(first), "region") == gist(str(second), "zq_unknown_field")
    other = {**first, "text": "region is not a date"}
    assert gist(str(other), "region") != gist(str(second), "zq_unknown_field")
