"""Words that say that another field would do as well."""

from __future__ import annotations

import pytest

from checker.drift.words import documents_alternative


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Exactly one of email and sms must be given.", True),
        ("At least one of title, email, sms.", True),
        ("Either the email or the sms number is needed.", True),
        ("One of email and sms is required.", True),
        ("The email, shown beside the sms number.", False),
        ("Requires an email. The sms number depends on the kind.", False),
        ("One of the kinds. The email and the sms number are shown.", False),
    ],
)
def test_only_a_sentence_about_both_is_an_alternative(text: str, says: bool) -> None:
    assert documents_alternative(text, "email", "sms") is says
