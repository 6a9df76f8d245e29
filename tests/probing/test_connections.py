"""How a target is reached: each way at a server that can be reached in no other."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from demanding_server import NO, YES, Said, Seen, calling, demanding

from checker.domain.credential import Connection, OAuth2
from checker.domain.exchange import Failure, Request
from checker.errors import TargetError, UsageError
from checker.planning.credentials import joint
from checker.settings import Token

Files = dict[str, str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A private authority with a client's certificate, and another authority."""
    folder, mine, other = tmp_path_factory.mktemp("tls"), trustme.CA(), trustme.CA()
    client = mine.issue_cert("ann@example.com", common_name="ann")
    mine.cert_pem.write_to_path(folder / "ca.pem")
    other.cert_pem.write_to_path(folder / "other.pem")
    client.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    client.private_key_pem.write_to_path(folder / "key.pem")
    mine.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    (folder / "text.pem").write_text("nothing")
    return {p.stem: str(p) for p in folder.iterdir()}


def context(files: Files, *, client: bool = False) -> ssl.SSLContext:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(files["server"])
    if client:
        served.load_verify_locations(files["ca"])
        served.verify_mode = ssl.CERT_REQUIRED
    return served


def reached(files: Files, connection: Connection, *, client: bool = False) -> tuple[object, str]:
    """What comes of a request: a status or a failure's words, and whom the server saw."""

    async def go() -> tuple[object, str]:
        tls = context(files, client=client)
        async with (
            demanding(lambda seen: YES, tls=tls) as server,
            calling(server.url, connection=connection) as caller,
        ):
            try:
                outcome = (await caller.get()).outcome
            except TargetError as error:
                return str(error), ""
        said = outcome.message if isinstance(outcome, Failure) else outcome.status
        return said, server.seen[-1].client if server.seen else ""

    return asyncio.run(go())


def test_a_private_authority_is_trusted_where_it_is_given(files: Files) -> None:
    assert reached(files, Connection(cacert=files["ca"])) == (200, "")
    for refused in (Connection(), Connection(cacert=files["other"])):
        said, _ = reached(files, refused)
        assert "certificate is refused" in str(said) and "--cacert" in str(said)


def test_insecure_takes_any_certificate(files: Files) -> None:
    assert reached(files, Connection(insecure=True)) == (200, "")


def test_a_client_certificate_is_shown(files: Files) -> None:
    shown = Connection(cacert=files["ca"], cert=files["cert"], key=files["key"])
    status, client = reached(files, shown, client=True)
    assert status == 200 and "ann" in client
    said, _ = reached(files, Connection(cacert=files["ca"]), client=True)
    assert said != 200


@pytest.mark.parametrize(
    ("connection", "word"),
    [
        ({"cacert": "text"}, "cacert"),
        ({"cert": "text"}, "cert"),
        ({"cert": "cert", "key": "server"}, "another certificate"),
        ({"cert": "cert", "key": "text"}, "PEM"),
    ],
)
def test_files_that_can_not_be_used_are_said_before_anything_is_sent(
    files: Files, connection: dict[str, str], word: str
) -> None:
    with pytest.raises(UsageError, match=word):
        reached(files, Connection(**{name: files[of] for name, of in connection.items()}))


def test_a_unix_socket_and_an_authorisation_server_elsewhere(tmp_path: Path) -> None:
    socket = str(tmp_path / "s")

    async def go() -> tuple[int, list[str]]:
        granted = Said(200, {"access_token": "t1"})

        def reply(seen: Seen) -> Said:
            return YES if seen.headers.get("authorization") == "Bearer t1" else NO

        async with (
            demanding(lambda seen: granted) as issuer,
            demanding(reply, socket=socket) as api,
        ):
            token = Token("staff", "placeholder", source=OAuth2(issuer.url + "/token", "me"))
            way = Connection(unix_socket=socket)
            async with calling("http://localhost", token, connection=way) as caller:
                return await caller.status("staff"), [*issuer.lines, *api.lines]

    assert asyncio.run(go()) == (200, ["POST /token", "GET /things"])


def test_a_configured_proxy_is_gone_through_even_on_this_machine() -> None:
    async def go() -> tuple[int, str, str]:
        async with demanding(lambda seen: YES) as proxy:
            way = Connection(proxy=proxy.url.replace("http://", "http://ann:pw@"))
            async with calling("http://127.0.0.1:9/api", connection=way) as caller:
                status = await caller.status()
            return status, proxy.seen[0].line, proxy.seen[0].headers.get("proxy-authorization", "")

    status, line, credential = asyncio.run(go())
    assert (status, line) == (200, "GET http://127.0.0.1:9/api/things HTTP/1.1")
    assert credential.startswith("Basic ")


# -- what goes into a request ----------------------------------------------------------------------


def sent(token: Token | None = None, headers: dict[str, str] | None = None) -> Seen:
    """A request as it arrives, that generated an X-Tenant, a cookie and a key of its own."""

    async def go() -> Seen:
        made = (("X-Tenant", "made"), ("X-Key", "made"), ("Cookie", "a=1; sid=made"))
        tokens = [token] if token is not None else []
        name = token.type if token is not None else None
        async with (
            demanding(lambda seen: YES) as server,
            calling(server.url, *tokens, headers=headers) as caller,
        ):
            request = Request("GET", "/x", headers=made, token=name)
            await caller.wire.send(request, caller.tokens, {})
        return server.seen[0]

    return asyncio.run(go())


def test_configured_headers_replace_generated_ones() -> None:
    seen = sent(headers={"x-tenant": "acme", "Cookie": "sid=mine; b=2", "User-Agent": "us"})
    assert seen.headers["x-tenant"] == "acme"
    assert seen.cookies == {"a": "1", "sid": "mine", "b": "2"}
    assert seen.headers["user-agent"] == "us"


@pytest.mark.parametrize(
    "token",
    [
        Token("k", "v", header="X-Key"),
        Token("k", "v", cookie="sid"),
        Token("k", "v", query="api_key"),
        Token("k", "v", scheme="Basic"),
        Token("k", "Digest v", scheme=""),
    ],
)
def test_a_credential_replaces_what_was_generated_in_its_place(token: Token) -> None:
    seen = sent(token)
    places = {
        "header": seen.headers["x-key"] == "v",
        "cookie": seen.cookies["sid"] == "v",
        "query": seen.query.get("api_key") == "v",
        "": seen.headers.get("authorization") in ("Basic v", "Digest v"),
    }
    own = "header" if token.header else "cookie" if token.cookie else "query" if token.query else ""
    assert [name for name, there in places.items() if there] == [own]


def test_two_credentials_go_together() -> None:
    parts = (Token("key", "k1", header="X-Key"), Token("jwt", "t1"))
    seen = sent(joint(parts, "key+jwt"))
    assert (seen.headers["x-key"], seen.headers["authorization"]) == ("k1", "Bearer t1")
