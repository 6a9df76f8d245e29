"""Findings and results lose their secrets before they are named and rendered."""

from __future__ import annotations

from dataclasses import replace

from report_samples import make_evidence, make_finding, make_result

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import FindingField
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.run import TargetInfo, TokenShape
from checker.pipeline.redaction import Redaction
from checker.ranking.fingerprint import fingerprint
from checker.redaction import MASK, REDACTED, Secrets

TOKEN = "tok-5f2c9d81ab"
OTHER = "9e/77+c1-zz01"


def redaction(*values: str) -> Redaction:
    secrets = Secrets()
    for value in values:
        secrets.learn(value)
    return Redaction(secrets, Portal())


def test_nothing_of_a_finding_keeps_a_secret() -> None:
    exchange = Exchange(
        Request(
            "POST",
            f"/things/{TOKEN}",
            query=(("x", TOKEN), ("api_key", "k1")),
            headers=(("X-Y", TOKEN), ("Authorization", "zzz")),
            content=f'{{"a": "{TOKEN}", "password": "hunter2"}}'.encode(),
            media_type="application/json",
        ),
        Response(200, {"Location": f"/{TOKEN}"}, {"b": [TOKEN]}, TOKEN, moved_to=f"/{TOKEN}"),
        3,
    )
    lost = Exchange(Request("POST", "/", content=f"a={TOKEN}".encode()), Failure("reset", TOKEN))
    finding = make_finding(
        operation=f"GET /{TOKEN}",
        field=FindingField("response", f"map.{TOKEN}", 200),
        issue=f"It says {TOKEN}.",
        suggested_fix=f"Take {TOKEN}.",
        documented=[TOKEN],
        observed={TOKEN: {"token": "a name"}},
        identity=TOKEN,
        patch=({"op": "add", "path": f"/x/{TOKEN}", "value": 1},),
        evidence=(
            make_evidence(exchange=exchange, note=f"with {TOKEN}"),
            make_evidence(exchange=lost),
        ),
    )
    masked = redaction(TOKEN).finding(finding)
    assert TOKEN not in repr(masked) and "hunter2" not in repr(masked)
    assert masked.observed == {MASK: {"token": "a name"}}
    assert masked.patch == ()
    request = masked.evidence[0].exchange.request
    assert request.query == (("x", MASK), ("api_key", REDACTED))
    assert request.headers == (("X-Y", MASK), ("Authorization", REDACTED))


def test_two_tokens_give_one_fingerprint() -> None:
    names = set()
    for token in (TOKEN, OTHER):
        finding = make_finding(
            operation=f"GET /{token}",
            field=FindingField("response", f"map.{token}", 200),
            identity=f"kind:{token}",
            source=None,
        )
        names.add(fingerprint(redaction(token).finding(finding)))
    assert len(names) == 1


def test_what_has_no_secret_stays_as_it_is() -> None:
    finding = make_finding(observed={"token": "a name"}, documented="the secret of it")
    masked = redaction("secret").finding(finding)
    assert masked == finding and masked.patch == finding.patch


def test_nothing_of_a_result_keeps_a_secret() -> None:
    targets = (
        TargetInfo(
            "default",
            "https://me:pass-word-1@host",
            f"https://host/{TOKEN}",
            {"staff": TokenShape(headers={"X-For": "{id}", "X-Sub": "abc"})},
            {"X-Tenant": "acme", "Accept": "text/plain"},
        ),
    )
    result = make_result(
        findings=(),
        target="https://me:pass-word-1@host",
        operations=(OperationOutcome(OperationId("GET", "/x"), "partial", f"said {TOKEN} word"),),
        notes=(f"note {TOKEN}",),
        cleanup=(f"left {TOKEN}",),
        error="The server says word.",
        targets=targets,
    )
    masked = redaction(TOKEN, "swordf", "word").result(replace(result))
    assert TOKEN not in repr(masked) and "pass-word-1" not in repr(masked)
    assert masked.error == "The server says word."
    assert redaction("swordfish").result(make_result(error="says swordfish")).error == "says ***"
    (target,) = masked.targets
    assert target.headers == {"X-Tenant": REDACTED, "Accept": "text/plain"}
    assert target.tokens["staff"].headers == {"X-For": "{id}", "X-Sub": REDACTED}


def test_what_many_findings_rest_on_is_masked_once() -> None:
    """Until another secret is known."""
    exchange = Exchange(Request("GET", "/things"), Response(200, {}, [OTHER], f"{TOKEN} {OTHER}"))
    finding = make_finding(evidence=(make_evidence(exchange=exchange),) * 2)
    secrets = Secrets()
    secrets.learn(TOKEN)
    masked = Redaction(secrets, Portal())
    shown = [e.exchange for _ in range(3) for e in masked.finding(finding).evidence]
    assert all(e is shown[0] for e in shown) and TOKEN not in repr(shown[0])
    assert OTHER in repr(shown[0])
    secrets.learn(OTHER)
    assert OTHER not in repr(masked.finding(finding))
    alike = replace(exchange, outcome=Response(200, {}, [1]))
    other = make_finding(evidence=(make_evidence(exchange=alike),))
    assert masked.finding(other).evidence[0].exchange.response == alike.response


def test_the_text_of_an_answer_in_json_is_kept_nowhere() -> None:
    """Its values are shown, and they are masked one by one."""
    said = Response(200, {}, {"a": TOKEN, "b": "x"}, f'{{"a": "{TOKEN}", "b": "x"}}')
    shown = redaction(TOKEN).exchange(Exchange(Request("GET", "/"), said)).response
    assert shown == Response(200, {}, {"a": MASK, "b": "x"})
    page = Exchange(Request("GET", "/"), Response(200, {}, text=f"<p>{TOKEN} x</p>"))
    assert redaction(TOKEN).exchange(page).response == Response(200, {}, text=f"<p>{MASK} x</p>")


def test_a_text_that_was_masked_before_loses_what_is_learned_since() -> None:
    secrets = Secrets()
    every = (secrets.text, secrets.page, secrets.named)
    assert [mask(f"x-{TOKEN}") for mask in every] == [f"x-{TOKEN}"] * 3
    member = 'the "password": "hunter2"'
    assert secrets.text(member) != secrets.page(member) == secrets.named(member) == member
    secrets.learn(TOKEN)
    assert [mask(f"x-{TOKEN}") for mask in every] == [f"x-{MASK}"] * 3
