"""Jupyter Server: files that the client names, required in both directions, a token scheme."""

from __future__ import annotations

from pathlib import Path

from targets import TOKEN, check, document, found, free_port, program, serving

CONTENTS = "/api/contents/{path}"
EXPECTED = {
    ("dependency-undocumented", f"PUT {CONTENTS}", "format"),
    ("enum-not-enforced", f"GET {CONTENTS}", "type"),
    ("required-not-enforced", "POST /api/kernels", "name"),
    ("required-not-enforced", "POST /api/sessions", "kernel.id"),
    ("required-not-enforced", "POST /api/sessions", "kernel.name"),
    ("response-field-undocumented", f"GET {CONTENTS}", "message"),
    ("response-type-mismatch", f"GET {CONTENTS}", "content"),
    ("response-type-mismatch", f"GET {CONTENTS}", "reason"),
    ("server-error", "POST /api/kernels", "name"),
    ("server-error", f"POST {CONTENTS}", "ext"),
    ("server-error", f"POST {CONTENTS}/checkpoints/{{checkpoint_id}}", "checkpoint_id"),
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
    ("response-type-mismatch", "GET /api/sessions", "[].name"),
    ("status-undocumented", "GET /api/kernels", "403"),
    ("status-undocumented", "GET /api/me", "400"),
}
NEVER = ("operation-missing", "type-mismatch", "field-rejected", "token-rejected")
NEVER += ("content-type-mismatch",)


def test_requirements_and_nulls_are_found(tmp_path: Path) -> None:
    binary = program("jupyter-server")
    spec = document("jupyter_server")
    port = free_port()
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    environment = {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
    }
    command = [binary, "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--port-retries=0", f"--ServerApp.root_dir={root}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.log_level=ERROR"]
    command += ["--ServerApp.use_redirect_file=False"]
    with serving(command, port, tmp_path, environment) as url:
        report = check(spec, url, tmp_path / "run", {"scheme": "token"}, "--allow-destructive")
    seen = found(report)
    assert seen >= EXPECTED, EXPECTED - seen
    assert not [f for f in seen if f[0] in NEVER]
    assert {o["status"] for o in report["operations"]} == {"probed"}
    assert not [p for p in root.rglob("*") if ".ipynb_checkpoints" not in p.parts]
