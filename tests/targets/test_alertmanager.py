"""Alertmanager: its server is generated from its document, so there is next to no drift."""

from __future__ import annotations

from pathlib import Path

from servers import alertmanager
from targets import check, document, found, free_port, serving

API = "/api/v2"
EXPECTED = {
    ("status-undocumented", f"POST {API}/silences", "422"),
    ("status-undocumented", f"POST {API}/alerts", "422"),
    ("status-undocumented", f"GET {API}/silences", "400"),
    ("response-type-mismatch", f"POST {API}/silences", "400"),
    ("response-type-mismatch", f"POST {API}/alerts", "400"),
}
TRUE_AS_WELL = {
    # A matcher's label name may not be empty.
    ("bound-mismatch", f"POST {API}/silences", "matchers[].name"),
    ("status-undocumented", f"GET {API}/silence/{{silenceID}}", "422"),
    ("response-type-mismatch", f"GET {API}/alerts", "400"),
    ("response-type-mismatch", f"GET {API}/alerts/groups", "400"),
}


def test_little_drift_is_found_and_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    start = alertmanager(tmp_path, port)
    spec = document("alertmanager")
    with serving(start.command, port, tmp_path) as url:
        # An alert is sent on to people: nobody is there whom this one could reach.
        report = check(spec, url, tmp_path / "run", None, "--allow", f"POST {API}/alerts")
    seen = found(report)
    assert seen >= EXPECTED, EXPECTED - seen
    assert seen <= EXPECTED | TRUE_AS_WELL, seen - EXPECTED - TRUE_AS_WELL
    probed = {o["path"] for o in report["operations"] if o["status"] == "probed"}
    assert {f"{API}/silences", f"{API}/alerts", f"{API}/silence/{{silenceID}}"} <= probed
