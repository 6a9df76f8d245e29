"""Only the browser that was given the address may look and write; other pages may not."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from conftest import Browser


def test_the_address_opens_the_pages(browser: Browser) -> None:
    answer = browser.get()
    assert answer.status == 200 and "Start a run" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/findings", "/guess/", "/%00/", "//", "/%C3%A9/", "*"])
def test_without_the_token_nothing_is_shown(browser: Browser, path: str) -> None:
    answer = browser.ask("GET", path)
    assert answer.status == 403 and "finding" not in answer.text.lower()
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
def test_names_of_others_are_refused(browser: Browser, host: str) -> None:
    path = urlsplit(browser.address).path
    assert browser.ask("GET", path, Host=host).status == 421


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_other_pages_can_not_write(browser: Browser, origin: str | None) -> None:
    path = urlsplit(browser.address).path
    headers = {} if origin is None else {"Origin": origin}
    for form in ("start", "stop", "finding/x/accept", "finding/x/retest", "finding/x/decide"):
        assert browser.ask("POST", path + form, **headers).status == 403
    assert browser.desktop.live.state is None


def test_what_writes_is_not_had_by_looking(browser: Browser) -> None:
    for form in ("start", "stop", "finding/x/accept"):
        assert browser.get(form).status == 405
    assert browser.desktop.live.state is None


def test_each_start_has_a_token_of_its_own(browser: Browser) -> None:
    token = urlsplit(browser.address).path.strip("/")
    assert len(token) >= 32 and token == browser.desktop.guard.token
