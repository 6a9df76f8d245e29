"""The summary on a terminal: where to look, what to do, the worst at the end."""

from __future__ import annotations

from report_samples import make_finding, make_result

from checker.domain.finding import Severity
from checker.domain.location import Location
from checker.domain.run import BaselineResult
from checker.ranking import group, rank
from checker.ranking.baseline import new_first
from checker.reporting.terminal import Detail, render


def findings(number: int = 3) -> tuple[object, ...]:
    return rank(
        group(
            make_finding(
                operation=f"GET /p{n}",
                severity=Severity.CRITICAL if n == 0 else Severity.MINOR,
                source=Location("docs/a.json", f"/paths/~1p{n}/get", 10 + n),
                patch=() if n == 1 else ({"op": "remove", "path": "/x"},),
            )
            for n in range(number)
        )
    )


def test_the_worst_stands_last_and_names_its_rule_and_line() -> None:
    text = render(make_result(findings=findings()), 100)
    places = [text.index(f"required-undocumented docs/a.json:{line}") for line in (12, 11, 10)]
    assert places == sorted(places)


def test_what_is_new_stands_below_what_is_known() -> None:
    found = findings()
    names = [f.fingerprint for f in found]
    baseline = BaselineResult("b", tuple(names[1:]), tuple(names[:1]))
    result = new_first(make_result(findings=found, baseline=baseline))
    text = render(result, 100, detail=Detail(verbose=True))
    assert text.index("known") < text.index("  new")
    assert text.index("docs/a.json:10") < text.index("docs/a.json:12")
    # Each morning what is new alone is on the screen; what is known is counted.
    text = render(result, 100)
    assert "docs/a.json:10" not in text and text.count("  new") == 2
    assert "1 known finding not shown; --verbose shows all.\n" in text


def test_of_many_the_worst_are_shown() -> None:
    text = render(make_result(findings=findings(100)), 100)
    assert "docs/a.json:10\n" in text and text.startswith("… and 40 more in the report.")
    assert "more in the report" not in render(
        make_result(findings=findings(100)), 100, detail=Detail(verbose=True)
    )


def test_the_last_lines_say_how_to_go_on() -> None:
    text = render(make_result(findings=findings()), 100, detail=Detail(report="out/report.json"))
    assert "2 of 3 can be patched: driftcheck fix out/report.json" in text
    assert "can be patched" not in render(make_result(findings=findings()), 100)


def test_verbose_has_the_fixes_and_quiet_one_line() -> None:
    result = make_result(findings=findings())
    assert render(result, 100, detail=Detail(verbose=True)).count("Fix: Add `kind`") == 3
    assert render(result, 100, detail=Detail(quiet=True)).count("\n") == 1
    failed = make_result(error="Gone.", exit_status=3, status="failed")
    assert render(failed, 100, detail=Detail(quiet=True)).startswith("Incomplete: Gone.\n")
