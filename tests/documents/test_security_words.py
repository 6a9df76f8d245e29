"""Token types in words."""

from __future__ import annotations

import pytest

from checker.documents.security_words import token_types


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Available for **Staff, App, and Directory tokens**.", "staff app directory"),
        ("**Token Type**: Requires a **staff token**.", "staff"),
        ("Authentication: App & Directory tokens", "app directory"),
        ("This is only available for Directory tokens", "directory"),
        ("It requires an admin access token.", "admin"),
        ("Available for Staff/Client tokens", "staff client"),
        ("Available for **Staff** tokens.", "staff"),
        ("## Authentication\n**Available for Client Tokens only**", "client"),
        ("Available for **Business and Staff tokens** only", "business staff"),
        ("**Available for Directory or App Token**", "directory app"),
        (
            "Creates a call Available for **Staff, App, and Directory tokens**",
            "staff app directory",
        ),
        ("Update it - Available for **Staff Tokens**", "staff"),
        ("Provide a valid staff bearer token in the Authorization header", "staff"),
        ("Token types: staff, app", "staff app"),
        ("Supported tokens: Staff, Client.", "staff client"),
        ("This operation can be called with user tokens and service tokens.", "user service"),
        ("Auth: `partner` token.", "partner"),
        ("**Authorization:** Admin tokens only.", "admin"),
        ("## Authentication\nStaff tokens", "staff"),
        ("Works with app-level tokens.", "app-level"),
        ("Authentication required: Staff or Admin token", "staff admin"),
        ("Available for Staff tokens. Not available for client tokens.", "staff"),
        ("Available for Staff tokens but not for Client tokens.", "staff"),
    ],
)
def test_types_that_are_named(text: str, types: str) -> None:
    assert " ".join(token_types(text)) == types


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Not available for client tokens.",
        "Client tokens are not accepted.",
        "Available for all token types except Client tokens",
        "For **Client tokens**, the client_uid is derived from the token.",
        "Only honored for staff (user) tokens; admin/app tokens silently ignore this parameter.",
        "Directory tokens require the `X-On-Behalf-Of` header with the target business.",
        "Unauthorized - Invalid or missing authentication token",
        "Provide a valid bearer token in the Authorization header",
        "Staff tokens without business context will be rejected",
        "The bearer token is missing, invalid, expired, or not a staff token",
        "reCAPTCHA token",
        "List the authenticated user's access tokens",
        "Use this call to create app tokens",
        "Each token only sees files it created itself",
        "Available for all tokens",
        "Returns a page token for the next page.",
        "Pass the refresh token to get a new access token",
        "Use the upload token returned by the previous call",
        "Required for Directory tokens.",
        "Counts the tokens of a text.",
    ],
)
def test_words_that_name_none(text: str) -> None:
    assert token_types(text) == ()


def test_long_texts_are_cheap() -> None:
    assert token_types("a, " * 200_000 + "tokens") == ()
    assert token_types(("and " * 50 + "staff, ") * 2_000 + "token") is not None
