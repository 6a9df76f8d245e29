"""Reading descriptions: what plausibly documents something, and what doesn't."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.documents.prose_enums import closed_lists
from checker.drift import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one of a, b or c.", ("a", "b", "c")),
        ("Enum: a|b", ("a", "b")),
        ("One of the allowed enum values: IN (coming in) or OUT (going out)", ("IN", "OUT")),
        ("`go_left` or `go_right`. Defaults by context", ("go_left", "go_right")),
        ("The type (basic, extended, full)", ("basic", "extended", "full")),
        ("- `a` - the first\n- `b` - the second\n", ("a", "b")),
        ("Possible values: pending, active, error", ("pending", "active", "error")),
        ("One of: image/jpeg, image/png", ("image/jpeg", "image/png")),
        ("can be 'asc' or 'desc'", ("asc", "desc")),
        ("string (enum: `incoming call`, `missed`)", ("incoming call", "missed")),
        ("status is active or inactive.", ("active", "inactive")),
        ("sort order: asc/desc", ("asc", "desc")),
        ("Valid values are: Pending, Active.", ("Pending", "Active")),
        ('Either "x" or "y".', ("x", "y")),
    ],
)  # fmt: skip
def test_enum_candidates(text: str, expected: tuple[str, ...]) -> None:
    assert words.enum_candidates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The name of the client (or lead).",
        "Returns one of the channels of the business.",
        "The unique identifier of the order.",
        "Either the client or the staff member.",
        "This field is required.",
    ],
)
def test_no_enum_candidates(text: str) -> None:
    assert words.enum_candidates(text) == ()


def test_an_example_is_no_closed_list() -> None:
    assert closed_lists("Delivery channels (e.g. `email`, `sms`)") == ()
    assert closed_lists("Must be one of `email`, `sms`") == (("email", "sms"),)


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("Send the channel UID.", "channel_uid", True),
        ("Send the channelUid.", "channel_uid", True),
        ("All channel-uids", "channelUid", True),
        ("the `orders`", "order", True),
        ("one entity", "entities", True),
        ("the statuses", "status", True),
        ("reordering", "order", False),
        ("message.client_id is needed", "message.client_id", True),
        ("nothing", "", False),
    ],
)
def test_names(text: str, subject: str, expected: bool) -> None:
    assert words.names(text, subject) is expected


@pytest.mark.parametrize(
    ("text", "field", "always", "sometimes"),
    [
        ("`email` is required.", "email", True, False),
        ("Required. The address.", "", True, False),
        ("The address must be provided.", "", True, False),
        ("email is not required.", "email", False, False),
        ("The email is optional.", "email", False, False),
        ("The phone is required.", "email", False, False),
        ("email is required when phone is empty.", "email", False, True),
        ('Required if country is "US"', "", False, True),
        ("Required fields:\n- `email`\n- `name`\n", "name", True, False),
        ("email cannot be empty.", "email", True, False),
    ],
)
def test_required(text: str, field: str, always: bool, sometimes: bool) -> None:
    assert words.documents_required(text, field) is always
    assert words.documents_required_when(text, field) is sometimes


def test_required_when_names_the_other() -> None:
    text = "email is required when phone is empty."
    assert words.documents_required_when(text, "email", ["phone"])
    assert not words.documents_required_when(text, "email", ["country"])


def test_enum() -> None:
    text = "The state: `in_review`, done or Failed."
    assert words.documents_enum(text, ["in_review", "done", "failed"])
    assert words.documents_enum("in review, done", ["in_review", "done"])
    assert not words.documents_enum(text, ["done", "open"])
    assert not words.documents_enum(text, [])


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("Must be unique per channel.", "", True),
        ("The code must be unique.", "code", True),
        ("If an order with this code already exists, 409 is returned.", "code", True),
        ("The unique identifier of the order.", "", False),
        ("The unique identifier (UID) of the order.", "", False),
        ("The name must be unique.", "code", False),
        ("A seat can be booked once; a seat that is taken is answered with 409.", "seatId", True),
        ("Id of a seat that is free.", "", True),
        ("Sent once a day.", "", False),
        ("Can be changed once the order is open.", "", False),
        ("A free text.", "", False),
    ],
)
def test_unique(text: str, field: str, expected: bool) -> None:
    assert words.documents_unique(text, field) is expected


@pytest.mark.parametrize(
    ("text", "default", "bound"),
    [
        ("At most the amount of the charge; the whole amount by default.", True, True),
        ("Falls back to the language of the account.", True, False),
        ("Can't exceed what is left.", False, True),
        ("Default: 20, at most 100.", False, False),
        ("Defaults to `low`.", False, False),
        ("How many to take.", False, False),
    ],
)
def test_what_a_value_of_another_thing_rules(text: str, default: bool, bound: bool) -> None:
    assert words.describes_default(text) is default
    assert words.describes_bound(text) is bound


@pytest.mark.parametrize(
    ("text", "resource", "expected"),
    [
        ("UID of an existing channel.", "channel", True),
        ("The channel's id", "channels", True),
        ("The identifier of the business that owns the file", "business", True),
        ("As returned by `POST /channels`", "channel", True),
        ("The referenced file must already exist", "file", True),
        ("A text for the channel", "channel", False),
        ("The id of the order", "channel", False),
    ],
)
def test_reference(text: str, resource: str, expected: bool) -> None:
    assert words.documents_reference(text, resource) is expected


@pytest.mark.parametrize(
    ("text", "resource", "state", "expected"),
    [
        ("Requires an active session.", "session", "active", True),
        ("The channel must be activated before use.", "channel", "active", True),
        ("Sends a message in a session.", "session", "", False),
        ("Requires a channel.", "channel", "active", False),
    ],
)
def test_prerequisite(text: str, resource: str, state: str, expected: bool) -> None:
    assert words.documents_prerequisite(text, resource, state) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It must be open.", True),
        ("Only _opened_ ones.", True),
        ("When it is opening", True),
        ("has jobs and opening_hours", False),
        ("its open_since moment", False),
    ],
)
def test_a_state_is_no_part_of_a_longer_name(text: str, expected: bool) -> None:
    assert (words.stem("opened").search(text) is not None) is expected


def test_lifecycle() -> None:
    text = "Channels start as `pending` and are activated asynchronously."
    assert words.documents_lifecycle(text, "channel", ["pending", "active"])
    assert not words.documents_lifecycle(text, "channel", ["pending", "error"])
    assert not words.documents_lifecycle(text, "session", ["pending", "active"])


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("At most 255 characters.", 255, True),
        ("1-100 items", 100, True),
        ("up to 10,000 entries", 10000, True),
        ("At most 2550 characters.", 255, False),
        ("See chapter 255.", 255, False),
        ("Maximum length: 1.5", 1.5, True),
    ],
)
def test_bound(text: str, number: float, expected: bool) -> None:
    assert words.documents_bound(text, number) is expected


def test_format() -> None:
    assert words.documents_format("A date (YYYY-MM-DD)", "date")
    assert words.documents_format("Digits only.", "digits")
    assert words.documents_format("Like DD/MM/YYYY", "DD/MM/YYYY")
    assert not words.documents_format("The start of the meeting", "date", "uuid")


def test_default() -> None:
    assert words.documents_default("Defaults to `sms,email`.", "sms,email")
    assert words.documents_default("If omitted, 20 are returned.", 20)
    assert words.documents_default("Default: true", True)
    assert not words.documents_default("Defaults to 30.", 20)
    assert not words.documents_default("20 apples", 20)


def test_dependency() -> None:
    assert words.documents_dependency("Either email or phone must be given.", ["email", "phone"])
    assert words.documents_dependency("The email. Only with a phone.", ["email", "phone"])
    assert not words.documents_dependency("The email.\n\nThe name.", ["email", "phone"])


ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
SOME_WORDS = st.lists(
    st.sampled_from(
        [*"abc,()|/:-*12", "\n", "`c`", "'d'", "one of", "or", "and", "required", "if", "unique"]
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT | SOME_WORDS, st.text(max_size=12))
def test_nothing_breaks_on_any_text(text: str, subject: str) -> None:
    words.enum_candidates(text)
    words.names(text, subject)
    words.documents_required(text, subject)
    words.documents_required_when(text, subject, [subject])
    words.documents_enum(text, [subject, 1, None, 2.5, {}])
    words.documents_unique(text, subject)
    words.documents_reference(text, subject)
    words.documents_prerequisite(text, subject, subject)
    words.documents_lifecycle(text, subject, [subject])
    words.documents_bound(text, 3)
    words.documents_format(text, subject)
    words.documents_default(text, subject)
    words.documents_dependency(text, [subject])


VALUE = st.from_regex(r"[a-z]{2,6}_[a-z0-9]{1,6}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUE, min_size=2, max_size=6, unique=True), st.sampled_from(["`", "", '"']))
def test_every_value_of_a_list_is_read(values: list[str], quote: str) -> None:
    quoted = [f"{quote}{value}{quote}" for value in values]
    text = f"Must be one of {', '.join(quoted[:-1])} or {quoted[-1]}."
    assert words.enum_candidates(text) == tuple(values)
    assert words.documents_enum(text, values)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["a, ", "`a` or ", "(a/", "one of ", "a b ", "'x', ", "is a, "]))
def test_long_texts_are_read_in_bounded_time(piece: str) -> None:
    words.enum_candidates(piece * 3000)
    words.sentences(piece * 3000)


@pytest.mark.parametrize(
    ("text", "field", "required", "unique", "bound"),
    [
        ("Das Feld email ist ein Pflichtfeld.", "email", True, False, False),
        ("Das Feld email ist kein Pflichtfeld.", "email", False, False, False),
        ("Das Feld email ist erforderlich, wenn phone fehlt.", "email", False, False, False),
        ("Le champ code est obligatoire et doit être unique.", "code", True, True, False),
        ("El código debe ser único.", "", False, True, False),
        ("No máximo 40 caracteres.", "", False, False, True),
        ("Il campo code è obbligatorio, al massimo 40 caratteri.", "code", True, False, True),
        ("code is verplicht, maximaal 40 tekens.", "code", True, False, True),
        ("Bestelling 40 van de klant.", "", False, False, False),
    ],
)
def test_in_other_languages(
    text: str, field: str, required: bool, unique: bool, bound: bool
) -> None:
    assert words.documents_required(text, field) is required
    assert words.documents_unique(text, field) is unique
    assert words.documents_bound(text, 40) is bound


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        ("As RFC 3339", "date-time", True),
        ("Fecha y hora del pago", "date-time", True),
        ("TT.MM.JJJJ", "date", True),
        ("Zehn Ziffern", "digits", True),
        ("The number of the order", "digits", False),
        ("DD/MM/YYYY", "dd/mm/yyyy", True),
        ("The date", "", False),
    ],
)
def test_formats(text: str, format: str, expected: bool) -> None:
    assert words.documents_format(text, format) is expected
