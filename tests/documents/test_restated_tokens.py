"""A sentence that names token types, with others in it."""

from __future__ import annotations

import pytest

from checker.documents.security_words import restated


@pytest.mark.parametrize(
    ("text", "types", "expected"),
    [
        (
            "Sends it. Available for **Staff and Directory tokens**.",
            ["staff"],
            "Sends it. Available for **Staff tokens**.",
        ),
        (
            "Available for **Staff tokens**.",
            ["staff", "app"],
            "Available for **Staff and App tokens**.",
        ),
        (
            "Available for **Partner** and **Staff** tokens.",
            ["staff"],
            "Available for **Staff** tokens.",
        ),
        (
            "Available for `Partner` tokens.",
            ["partner", "staff"],
            "Available for `Partner` and `Staff` tokens.",
        ),
        ("Token types: staff, admin. Lists all.", ["staff"], "Token types: staff. Lists all."),
        ("Token types: app.", ["app", "staff"], "Token types: app, staff."),
        ("Token types: staff, app.", ["app", "admin", "bot"], "Token types: app, admin, bot."),
        ("Token types: staff and app", ["app", "admin"], "Token types: app and admin"),
        (
            "Available for **Api** tokens. Lists all.",
            ["api"],
            "Available for **Api** tokens. Lists all.",
        ),
        (
            "Available for **Staff, App, and Bot tokens**.",
            ["staff", "app"],
            "Available for **Staff and App tokens**.",
        ),
        ("Requires a staff or an app token.", ["staff"], "Requires a staff token."),
        (
            "Available for Staff, App, and Client tokens",
            ["staff", "app", "client", "admin"],
            "Available for Staff, App, Client, and Admin tokens",
        ),
    ],
)
def test_the_list_is_written_as_it_was(text: str, types: list[str], expected: str) -> None:
    assert restated(text, types) == expected


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Lists all.", ["staff"]),
        ("Available for Staff tokens. Not available for App tokens.", ["app"]),
        ("Available for Staff tokens.", []),
        ("Staff tokens work. App tokens work.", ["staff"]),
    ],
)
def test_what_is_not_one_list_stays(text: str, types: list[str]) -> None:
    assert restated(text, types) == ""
