"""Ordinary and short secrets only where credentials stand; credentials that nobody told us."""

from __future__ import annotations

import base64

import pytest

from checker.redaction import Secrets
from checker.redaction.places import without_credentials
from checker.redaction.strength import Strength, strength_of

BASIC = base64.b64encode(b"me:abc").decode()


@pytest.mark.parametrize(
    ("value", "strength"),
    [
        ("abc", Strength.SHORT),
        ("s3c!t", Strength.SHORT),
        ("******", Strength.SHORT),
        ("secret", Strength.ORDINARY),
        ("Swordfish", Strength.ORDINARY),
        ("123456", Strength.ORDINARY),
        ("hunter2", Strength.REAL),
        ("staff-secret", Strength.REAL),
        ("correcthorsebattery", Strength.REAL),
        ("aBcDeF", Strength.REAL),
    ],
)
def test_strength(value: str, strength: Strength) -> None:
    assert strength_of(value) is strength


def test_an_ordinary_word_leaves_the_report_readable() -> None:
    secrets = Secrets()
    secrets.learn("secret", "T", ("Authorization", "Bearer"))
    page = "The `secret` of a secretary: client_secret, /secret/{id}"
    assert secrets.page(page) == page
    assert secrets.text("no secret here, secretary; client_secret") == (
        "no $T here, secretary; client_secret"
    )
    assert secrets.page("Authorization: Bearer secret;") == "Authorization: Bearer $T;"
    # What only a credential can be is masked in pages, too.
    assert secrets.page("c2VjcmV0") == "$T"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc", "Authorization: Bearer $T"),
        ('x {"authorization":"abc"}', 'x {"authorization":"$T"}'),
        ('{"authorization": ["abc"], "x": "abc"}', '{"authorization": ["$T"], "x": "abc"}'),
        ("?api_key=abc&x=abc", "?api_key=$T&x=abc"),
        ("Cookie: a=b; sid=abc", "Cookie: a=b; sid=$T"),
        ("abc, abcd, xabc", "abc, abcd, xabc"),
        ("Bearer abcd", "Bearer abcd"),
    ],
)
def test_a_short_secret_only_at_its_places(text: str, masked: str) -> None:
    secrets = Secrets()
    secrets.learn("abc", "T", ("Authorization", "Bearer", "api_key", "sid"))
    assert secrets.page(text) in (masked, masked.replace("?api_key=$T", "?api_key=***"))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("see https://user:p%40ss@host/x", "see https://***@host/x"),
        ("see https://ghtok1@host/x, mail a@b", "see https://***@host/x, mail a@b"),
        (r'a {"u":"https:\/\/user:pass@host\/x"}', r'a {"u":"https:\/\/***@host\/x"}'),
        ("see https://host/a@b", "see https://host/a@b"),
        (f"Authorization: Basic {BASIC}.", "Authorization: Basic ***."),
        ("Basic authentication is off", "Basic authentication is off"),
        ("Bearer Zk3Vb9Qx7Lw2Tn8Rm4", "Bearer ***"),
        ("Bearer authentication-schemes", "Bearer authentication-schemes"),
        ("/x?page=2&access_token=zzz#a", "/x?page=2&access_token=***#a"),
        ("a=b, token_type=bearer", "a=b, token_type=bearer"),
        ("x eyJhbGciOi.eyJzdWIi.c2ln-bmF0 y", "x *** y"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "-----BEGIN PRIVATE KEY-----***"),
    ],
)
def test_credentials_that_nobody_told_us(text: str, masked: str) -> None:
    secrets = Secrets()
    assert secrets.page(text) == secrets.text(text) == masked
    assert secrets.text(masked) == masked


def test_members_of_a_broken_answer() -> None:
    said = '{"password": "hunter2", "name": "x", "deep": {"token":"a\\"b'
    assert Secrets().text(said).startswith('{"password": "[redacted]", "name": "x"')


def test_a_credential_within_a_value() -> None:
    secrets = Secrets()
    secrets.learn("me:pass-word-1")
    secrets.learn(base64.b64encode(b"you:pass-word-2").decode())
    secrets.learn("Digest pass-word-3")
    for number in (1, 2, 3):
        assert secrets.text(f"it is pass-word-{number}!") == "it is ***!"


def test_answers_hand_out_secrets() -> None:
    secrets = Secrets()
    body = {
        "token": "handed-out-1",
        "list": [{"api_key": "handed-out-2"}],
        "password": "sent-by-us-3",
        "secret": "string",
        "pin": "1234",
        "id": "550e8400-e29b-41d4-a716-446655440000",
    }
    cookies = ["sid=s%3Acookie-value-4; Path=/", "theme=dark; Path=/"]
    secrets.learn_answer('{"password": "sent-by-us-3"}', cookies, body)
    said = "handed-out-1 handed-out-2 s:cookie-value-4 s%3Acookie-value-4"
    assert secrets.text(said) == "*** *** *** ***"
    kept = "sent-by-us-3 string 1234 dark 550e8400-e29b-41d4-a716-446655440000"
    assert secrets.text(kept) == kept


def test_answers_with_endless_secrets_are_learned_to_a_limit() -> None:
    secrets = Secrets()
    for number in range(700):
        secrets.learn_answer("", (), {"token": f"handed-out-{number:03}"})
    assert "handed-out-000" in secrets and "handed-out-699" not in secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Login: ola, password: Zima-2024!", "Login: ola, password: ***"),
        ("haslo: kwiatek77", "haslo: ***"),
        ("password: must be longer", "password: must be longer"),
        ("status: 12345", "status: 12345"),
    ],
)
def test_a_secret_after_its_name_and_a_colon(text: str, shown: str) -> None:
    assert without_credentials(text, members=True) == shown
