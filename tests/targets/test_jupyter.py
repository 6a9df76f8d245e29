"""Jupyter Server: files that the client names, required in both directions, a token scheme."""

from __future__ import annotations

from pathlib import Path

from servers import jupyter_server
from targets import check, document, found, free_port, serving

CONTENTS = "/api/contents/{path}"
LOST = {
    # The smaller requests of the search leave less to examine: sessions are made without a name and
    # a kernel. A checkpoint has the same name whoever makes it: nothing shows whose it is.
    ("required-not-enforced", "POST /api/sessions", "kernel.id"),
    ("response-type-mismatch", "GET /api/sessions", "[].name"),
    ("server-error", f"POST {CONTENTS}/checkpoints/{{checkpoint_id}}", "checkpoint_id"),
}
UNREACHED = {
    f"DELETE {CONTENTS}/checkpoints/{{checkpoint_id}}",
    f"POST {CONTENTS}/checkpoints/{{checkpoint_id}}",
}
EXPECTED = {
    ("dependency-undocumented", f"PUT {CONTENTS}", "format"),
    ("enum-not-enforced", f"GET {CONTENTS}", "type"),
    ("required-not-enforced", "POST /api/kernels", "name"),
    ("required-not-enforced", "POST /api/sessions", "kernel.name"),
    ("response-field-undocumented", f"GET {CONTENTS}", "message"),
    ("response-type-mismatch", f"GET {CONTENTS}", "content"),
    ("response-type-mismatch", f"GET {CONTENTS}", "reason"),
    ("server-error", "POST /api/kernels", "name"),
    ("server-error", f"POST {CONTENTS}", "ext"),
    ("server-error", f"PUT {CONTENTS}", "type"),
    ("status-undocumented", f"PATCH {CONTENTS}", "409"),
    ("status-undocumented", "GET /api/resolvePath", "400"),
    *(
        ("status-undocumented", operation, "404")
        for operation in (
            f"PATCH {CONTENTS}",
            f"DELETE {CONTENTS}",
            "GET /api/kernels/{kernel_id}",
            "DELETE /api/kernels/{kernel_id}",
            "PATCH /api/sessions/{session}",
            "DELETE /api/sessions/{session}",
        )
    ),
    ("token-undocumented", "GET /api/status", "key"),
    ("token-undocumented", f"PUT {CONTENTS}", "key"),
    ("required-undocumented", "POST /api/sessions", "path"),
    ("required-undocumented", "POST /api/sessions", "type"),
    ("status-undocumented", "GET /api/kernels", "403"),
    ("status-undocumented", "GET /api/me", "400"),
}
NEVER = ("operation-missing", "type-mismatch", "field-rejected", "token-rejected")
NEVER += ("content-type-mismatch",)


def test_requirements_and_nulls_are_found(tmp_path: Path) -> None:
    port = free_port()
    start = jupyter_server(tmp_path, port)
    spec = document("jupyter_server")
    root = tmp_path / "root"
    with serving(start.command, port, tmp_path, start.environment) as url:
        report = check(spec, url, tmp_path / "run", {"scheme": "token"}, "--allow-destructive")
    seen = found(report)
    assert seen >= EXPECTED, EXPECTED - seen
    assert not [f for f in seen if f[0] in NEVER]
    left = {f"{o['method']} {o['path']}" for o in report["operations"] if o["status"] != "probed"}
    assert left <= UNREACHED
    assert not [p for p in root.rglob("*") if ".ipynb_checkpoints" not in p.parts]
