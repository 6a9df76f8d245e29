"""A secret is found however it is spelled, and its neighbours stay."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from secret_spellings import SPELLINGS, core

from checker.redaction import MASK, Secrets
from checker.redaction.strength import Strength, strength_of

# Every character that some writer escapes, and both that differ in the base64 alphabets.
SECRET = "to/k+5f\"2c'x_é&<9*d8|1a b`~😀ÿ?>?z"
HEX = "3f9a0c77de5b41c2"

ALPHABET = st.sampled_from(list("abzABZ019 _-+/=%&#;:\\\"'<>|*`~$@.,()[]{}!?é😀\u00ff"))
VALUES = st.text(ALPHABET, min_size=6, max_size=24).filter(
    lambda v: v == v.strip() and "  " not in v and strength_of(v) is Strength.REAL
)
AROUND = st.text(ALPHABET, max_size=12)


def keyring(value: str, name: str = "") -> Secrets:
    secrets = Secrets()
    secrets.learn(value, name)
    return secrets


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("way", ["text", "page"])
def test_no_spelling_gets_through(spelling: str, way: str) -> None:
    text = f"before {SPELLINGS[spelling](SECRET)} after"
    masked = getattr(keyring(SECRET), way)(text)
    assert core(spelling, SECRET) not in masked
    assert MASK in masked
    assert masked.startswith("before ") and masked.endswith(" after")
    # Nothing but the neighbours of base64 is left beside the mask.
    assert len(masked) <= len("before  after") + len(MASK) + 12


def test_flattened_line_breaks_are_seen_in_long_secrets_only() -> None:
    assert keyring("opensesame123456").text("open sesame123456") == MASK
    assert keyring("abc1234").text("abc 1234") == "abc 1234"


def test_hexadecimal_in_either_case() -> None:
    assert keyring(HEX).page(f"x {HEX.upper()} {HEX}") == f"x {MASK} {MASK}"
    assert keyring("Tok-5f2c9d81").page("TOK-5F2C9D81") == "TOK-5F2C9D81"


def test_a_character_of_base64_that_is_partly_the_secret_s_goes_with_it() -> None:
    for before, left in (("", ""), ("u", "d"), ("u:", "dT")):
        text = base64.b64encode(f"{before}tok-5f2c9d81ab".encode()).decode()
        assert keyring("tok-5f2c9d81ab").page(f"x {text} y") == f"x {left}{MASK} y"


def test_a_name_stands_for_the_value() -> None:
    assert keyring(SECRET, "DRIFTCHECK_TOKEN_STAFF").text(SECRET) == "$DRIFTCHECK_TOKEN_STAFF"


def test_a_name_that_spells_a_secret_is_not_shown() -> None:
    secrets = keyring("abc-98765", "DRIFTCHECK_TOKEN_ABC_98765")
    secrets.learn("token_abc_98765")
    assert secrets.text("abc-98765") == MASK


@example("opensesame` `", "markdown", "", "")
@given(VALUES, st.sampled_from(sorted(SPELLINGS)), AROUND, AROUND)
@settings(max_examples=400, deadline=None)
def test_whatever_stands_around_it(value: str, spelling: str, before: str, after: str) -> None:
    secrets = keyring(value)
    text = f"{before}{SPELLINGS[spelling](value)}{after}"
    gone = core(spelling, value)
    for masked in (secrets.text(text), secrets.page(text)):
        assert gone not in masked


@given(VALUES, VALUES, AROUND, AROUND)
@settings(max_examples=300, deadline=None)
def test_masking_again_changes_nothing(one: str, two: str, before: str, after: str) -> None:
    assume(MASK not in one and MASK not in two)
    secrets = keyring(one, "DRIFTCHECK_TOKEN_ONE")
    secrets.learn(two)
    for way in (secrets.text, secrets.page):
        masked = way(f"{before}{one} {two}{after}")
        assert way(masked) == masked


@given(VALUES, AROUND)
@settings(max_examples=200, deadline=None)
def test_a_json_page_stays_json(value: str, around: str) -> None:
    content = {"n": [1.5, None, True, 123456], around: f"{around}{value}", "k": {value: "x"}}
    masked = json.loads(keyring(value).page(json.dumps(content, indent=2) + "\n"))
    assert masked["n"] == content["n"]
    assert value not in json.dumps(masked, ensure_ascii=False)


def test_json_numbers_and_layout_stay() -> None:
    secrets = keyring("123456")
    secrets.learn("76543219871", "DRIFTCHECK_TOKEN_PIN")
    page = '{\n  "duration": 0.123456,\n  "sent": 123456,\n  "big": 76543219871\n}\n'
    assert secrets.page(page) == page
    assert secrets.page('{"a": "x-76543219871"}') == '{"a": "x-$DRIFTCHECK_TOKEN_PIN"}'
