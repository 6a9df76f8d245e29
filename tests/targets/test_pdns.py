"""PowerDNS: a document by hand with hardly a `required`, plain-text errors, an API key."""

from __future__ import annotations

from pathlib import Path

from servers import pdns
from targets import check, document, found, free_port, serving

API = "/api/v1/servers/{server_id}"
ZONE = f"{API}/zones/{{zone_id}}"
EXPECTED = {
    ("required-undocumented", f"POST {API}/zones", "kind"),
    ("required-undocumented", f"POST {API}/autoprimaries", "ip"),
    ("required-undocumented", f"POST {API}/autoprimaries", "nameserver"),
    ("required-undocumented", f"POST {ZONE}/cryptokeys", "keytype"),
    ("required-not-enforced", f"GET {API}/search-data", "max"),
    ("enum-not-enforced", f"POST {API}/zones", "kind"),
    ("status-undocumented", f"POST {API}/zones", "409"),
    ("status-undocumented", f"GET {API}", "401"),
    ("response-type-mismatch", f"GET {API}/autoprimaries", "200"),
    ("response-field-undocumented", f"GET {API}/zones", "[].last_check"),
    ("operation-missing", f"GET {API}/config/{{config_setting_name}}", ""),
    ("unique-undocumented", f"POST {API}/zones", "name"),
    ("required-undocumented", f"POST {API}/zones", "name"),
    ("required-undocumented", f"POST {ZONE}/metadata", "kind"),
    ("required-undocumented", f"POST {ZONE}/metadata", "metadata"),
    ("status-undocumented", f"POST {ZONE}/metadata", "201"),
    ("response-field-undocumented", f"GET {ZONE}/metadata", "[].type"),
    ("required-undocumented", f"POST {API}/tsigkeys", "name"),
    ("required-undocumented", f"POST {API}/tsigkeys", "algorithm"),
    ("enum-undocumented", f"POST {API}/tsigkeys", "algorithm"),
    ("required-undocumented", f"PATCH {ZONE}", "rrsets[].comments[].account"),
    ("required-undocumented", f"PATCH {ZONE}", "rrsets[].comments[].content"),
    ("required-not-enforced", f"PATCH {ZONE}", "rrsets[].records"),
    ("required-not-enforced", f"PATCH {ZONE}", "rrsets[].ttl"),
    ("required-undocumented", f"PUT {ZONE}/cryptokeys/{{cryptokey_id}}", "active"),
}
SILENT = {
    # A constant of the answer, and a field that the document calls read only.
    ("default-mismatch", f"POST {ZONE}/cryptokeys", "type"),
    ("field-ignored", f"POST {ZONE}/cryptokeys", "id"),
    # Made-up items that are no addresses aren't too many; names beyond the one met are accepted.
    ("bound-mismatch", f"POST {API}/zones", "masters"),
    ("enum-undocumented", f"POST {ZONE}/metadata", "kind"),
    # The values stand in the description.
    ("enum-undocumented", f"PATCH {ZONE}", "rrsets[].changetype"),
}
PROBED = (f"PUT {ZONE}/axfr-retrieve", f"GET {ZONE}/metadata/{{metadata_kind}}")
NEVER = ("type-mismatch", "field-rejected", "token-rejected", "auth-not-enforced")
ONLY = sorted({operation for _, operation, _ in EXPECTED} | set(PROBED))
MISSING = f"GET {API}/config/{{config_setting_name}}"


def test_under_stated_requirements_are_found_and_no_critical_error_is_made_up(
    tmp_path: Path,
) -> None:
    port = free_port()
    start = pdns(tmp_path, port)
    spec = document("pdns")
    with serving(start.command, port, tmp_path) as url:
        options = [part for operation in ONLY for part in ("--operation", operation)]
        options += ["--max-requests", "8000"]  # a zone's PATCH alone takes more than a thousand
        report = check(spec, url, tmp_path / "run", {"header": "X-API-Key"}, *options)
    seen = found(report)
    assert seen >= EXPECTED, EXPECTED - seen
    assert not seen & SILENT
    assert not [f for f in seen if f[0] in NEVER]
    probed = {f"{o['method']} {o['path']}" for o in report["operations"] if o["status"] == "probed"}
    assert probed >= set(ONLY) - {MISSING}
    critical = {f["operation"] for f in report["findings"] if f["severity"] == "critical"}
    assert critical == {MISSING}
