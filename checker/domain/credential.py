"""Where a credential comes from that nobody has at hand, and how a target is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Grant = Literal["client_credentials", "password", "refresh_token"]


@dataclass(frozen=True, slots=True)
class OAuth2:
    """A token asked of an authorisation server.

    `extra` are further parameters of its request, such as an audience. `client_auth`: whether the
    client names itself in a header (basic) or in the form.
    """

    token_url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    grant: Grant = "client_credentials"
    username: str = ""
    password: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    client_auth: Literal["basic", "form"] = "basic"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """A session opened by an operation of the API itself.

    `body` may hold `{variable}` templates; it goes as JSON, or with `form` as a form. The
    credential is what the JSONPath `token` finds in the answer, else the answer's cookie `cookie`
    or header `header`.
    """

    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    form: bool = False
    token: str = ""
    cookie: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the set-up record extracts under the token's name."""


Source = OAuth2 | Login | SetUp


@dataclass(frozen=True, slots=True)
class Csrf:
    """A value against forged requests, sent in `header` with each request of a session.

    It stands in the cookie `cookie`, or where the JSONPath `token` finds it; `page` is read before
    signing in, where the session needs it for that already.
    """

    header: str
    cookie: str = ""
    token: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How a target is reached; what is empty is as the system has it.

    `proxy` is an address, `unix_socket` and the others are paths: authorities to trust beside the
    system's, a client certificate and its key. `insecure`: any certificate will do.
    """

    proxy: str = ""
    unix_socket: str = ""
    cacert: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False
