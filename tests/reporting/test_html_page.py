"""report.html in a browser: what an owner does with it, and that nothing on it acts by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from browser import Page, browser
from report_samples import NASTY, make_evidence, make_finding, make_result

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import FindingField, Severity, Verdict
from checker.domain.location import Location
from checker.domain.run import BaselineResult, RunResult
from checker.ranking import group, rank
from checker.ranking.baseline import new_first
from checker.reporting import html

ROWS = "[...document.querySelectorAll('tr.row')]"
NAMES = f"{ROWS}.map(row => row.querySelector('code').textContent)"


def looked_at(
    tmp_path: Path,
    result: RunResult,
    look: Callable[[Page], None],
    fragment: str = "",
) -> None:
    """The report opened in a browser; neither its script nor its policy may complain."""
    path = tmp_path / "report.html"
    path.write_text(html.render(result), encoding="utf-8")

    with browser(tmp_path) as page:
        page.open(path, fragment)
        look(page)
        assert page.problems == []


def exchanged(role: str, body: dict[str, object], status: int) -> object:
    content = json.dumps(body).encode()
    request = Request("POST", "/things", content=content, media_type="application/json")
    verdict = Verdict.ACCEPTED if status < 400 else Verdict.REJECTED
    exchange = Exchange(request, Response(status, {}, {"ok": status < 400}, "", 0.01), 1)
    return make_evidence(role=role, exchange=exchange, verdict=verdict, note="")


def report(number: int = 4) -> RunResult:
    """Findings of which the worst is known; one of another domain and severity."""
    pair = (
        exchanged("control", {"kind": "a", "name": "n"}, 201),
        exchanged("probe", {"name": "n"}, 422),
    )
    findings = [
        make_finding(
            operation=f"POST /things/{n}",
            field=FindingField("body", f"field{n}"),
            source=Location("docs/shop/a.json", f"/paths/~1things~1{n}/post", 3),
            evidence=pair,
        )
        for n in range(number)
    ]
    findings.append(
        make_finding(
            rule="status-undocumented",
            severity=Severity.CRITICAL,
            operation="GET /mail",
            field=FindingField("response", "", 409),
            source=Location("docs/mail/b.json", "/paths/~1mail/get", 3),
        )
    )
    ranked = rank(group(findings))
    names = [f.fingerprint for f in ranked]
    baseline = BaselineResult("b", tuple(names[1:]), tuple(names[:1]), reasons={names[0]: "later"})
    return new_first(make_result(findings=ranked, baseline=baseline, paths=("docs",)))


def pick(page: Page, name: str, value: str) -> None:
    """A value in a filter or in the search, as somebody enters it."""
    page.run(
        f"(() => {{ const one = document.forms[0].elements[{name!r}]; one.value = {value!r};"
        " one.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def test_an_owner_filters_searches_sorts_and_copies(tmp_path: Path) -> None:
    result = report()
    first = result.findings[0]

    def look(page: Page) -> None:
        fields = [f"field{n}" for n in range(4)]
        assert page.run(NAMES) == [*fields, "409"]  # the new ones first
        assert page.run(f"{ROWS}[0].textContent.includes('new')")
        chosen = {"severity": "critical", "domain": "mail", "standing": "known"}
        for name, value in {**chosen, "rule": "status-undocumented"}.items():
            pick(page, name, value)
            assert page.run(NAMES) == ["409"], name
            assert page.run("told.textContent") == "1 of 5 findings shown."
            pick(page, name, "")
        pick(page, "search", "FIELD2 things")
        assert page.run(NAMES) == ["field2"]
        pick(page, "search", "")
        for place in (0, 4):
            page.run("document.querySelector('th[data-sort=severity] button').click()")
            assert page.run(NAMES).index("409") == place
        # What is copied is the patch, to the letter; the control and the probe differ in a line.
        page.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        page.run(f"location.hash = {first.fingerprint!r}")
        page.until(f"document.getElementById('detail-{first.fingerprint}') !== null")
        page.run("document.querySelector('[data-label=\"Copy patch\"]').click()")
        patch = json.loads(page.until("window.copied"))
        assert patch == [dict(step) for step in first.patch]
        assert page.run("[...document.querySelectorAll('mark')].map(m => m.textContent)") == [
            '≠   "kind": "a",'
        ]
        labels = page.run("[...document.querySelectorAll('[data-copy]')].map(b => b.textContent)")
        assert {"Copy curl", "Copy fix", "Copy link", "Copy accepting command"} <= set(labels)

    looked_at(tmp_path, result, look)


def test_a_permalink_opens_its_finding_wherever_it_is(tmp_path: Path) -> None:
    result = report(250)
    last = result.findings[249]

    def look(page: Page) -> None:
        page.until(f"document.getElementById('detail-{last.fingerprint}') !== null")
        top = page.until(
            f"document.getElementById({last.fingerprint!r}).getBoundingClientRect().top"
        )
        assert 0 <= top < page.run("innerHeight")
        # By the keyboard alone: to the next finding, open, and to the search.
        page.press("j")
        page.press("Enter")
        known = result.findings[250].fingerprint
        page.until(f"document.getElementById('detail-{known}') !== null")
        assert "Accepted because: later" in page.run(
            f"document.getElementById('detail-{known}').textContent"
        )
        page.press("/")
        assert page.run("document.activeElement.name") == "search"
        # The rows before it are there when they are asked for.
        assert page.run(f"{ROWS}.length") == 2
        page.run("document.querySelector('#earlier button').click()")
        assert page.run(f"{ROWS}.length") == 100
        # On paper there is the evidence of all that is shown.
        pick(page, "search", "field24")
        page.run("window.dispatchEvent(new Event('beforeprint'))")
        assert page.run("document.querySelectorAll('tr.detail').length") == 11

    looked_at(tmp_path, result, look, fragment=last.fingerprint)


def test_a_row_of_many_places_has_the_proof_of_each(tmp_path: Path) -> None:
    patch = ({"op": "remove", "path": "/components"},)
    copies = [
        make_finding(
            rule="spec-invalid",
            operation="",
            field=FindingField("document"),
            issue="The document has `components`.",
            suggested_fix="Delete it.",
            source=Location(f"docs/{name}.json", "/components", 3),
            patch=patch,
            evidence=(),
        )
        for name in ("a", "b", "c")
    ]
    result = make_result(findings=group(copies), paths=("docs",))
    last = result.findings[2].fingerprint

    def look(page: Page) -> None:
        assert page.run(NAMES) == ["document"]
        assert page.run("told.textContent") == "3 of 3 findings shown."
        # Its permalink opens the row, and in it this place alone.
        page.until(f"document.querySelectorAll('#same-{last} [data-label=\"Copy patch\"]').length")
        assert page.run("document.querySelectorAll('details[id] .tools').length") == 1
        pick(page, "search", "docs/b.json")
        assert page.run(NAMES) == ["document"]

    looked_at(tmp_path, result, look, fragment=last)


def test_only_what_is_looked_at_is_rendered(tmp_path: Path) -> None:
    def look(page: Page) -> None:
        count = page.run(f"{ROWS}.length")
        assert count < 250
        page.run("document.getElementById('more').scrollIntoView()")
        page.until(f"{ROWS}.length > {count}")

    looked_at(tmp_path, report(250), look)


def test_what_servers_say_stays_text(tmp_path: Path) -> None:
    """Markup, ends of scripts and escapes in every place that something foreign can reach."""
    evil = f"</script><script>window.hit=1</script><img src=x onerror='window.hit=1'>{NASTY}"
    exchange = Exchange(Request("GET", f"/{evil}"), Response(500, {}, {evil: [evil]}, "", 0.1), 1)
    finding = make_finding(
        rule=evil, operation=f"GET /{evil}", field=FindingField("body", evil), issue=evil,
        suggested_fix=evil, documented=evil, observed={evil: evil}, fingerprint=evil,
        source=Location(evil, evil, 1), patch=({"op": "add", "path": evil, "value": evil},),
        evidence=(make_evidence(exchange=exchange, note=evil),),
    )  # fmt: skip
    result = make_result(
        findings=(finding,), notes=(evil,), cleanup=(evil,), target=evil, error=evil
    )

    def look(page: Page) -> None:
        page.run("document.querySelector('button.open').click()")
        assert page.run("document.querySelectorAll('tr.detail').length") == 1
        assert page.run("window.hit") is None
        assert page.run("document.querySelectorAll('img, main script').length") == 0
        assert "<img src=x" in page.run("document.querySelector('tr.detail').textContent")

    looked_at(tmp_path, result, look)
