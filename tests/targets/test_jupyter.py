"""Jupyter Server: required in both directions, nulls, paths as parameters, a token scheme."""

from __future__ import annotations

from pathlib import Path

from targets import TOKEN, check, document, found, free_port, program, serving

EXPECTED = {
    ("required-undocumented", "POST /api/sessions", "path"),
    ("required-undocumented", "POST /api/sessions", "type"),
    ("response-type-mismatch", "GET /api/sessions", "[].name"),
    ("status-undocumented", "GET /api/kernels", "403"),
    ("status-undocumented", "GET /api/me", "400"),
}
NEVER = ("operation-missing", "type-mismatch", "field-rejected", "token-rejected")
ONLY = ("GET /api/sessions", "POST /api/sessions", "GET /api/kernels", "GET /api/me")
ONLY += ("POST /api/contents/{path}",)


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
    options = [part for operation in ONLY for part in ("--operation", operation)]
    with serving(command, port, tmp_path, environment) as url:
        report = check(spec, url, tmp_path / "run", {"scheme": "token"}, *options)
    seen = found(report)
    assert seen >= EXPECTED, EXPECTED - seen
    assert not [f for f in seen if f[0] in NEVER]
