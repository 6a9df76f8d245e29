"""How the servers by others are started: in a folder, on a port, with the programs there are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from targets import TOKEN, free_port, program


@dataclass(frozen=True, slots=True)
class Start:
    """A command that serves in the foreground, and what it needs in its environment."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


Starter = Callable[[Path, int], Start]
"""Prepares a folder and says how the server is started on a port; skips where it can't be."""


def alertmanager(folder: Path, port: int) -> Start:
    binary = program("prometheus-alertmanager", "/usr/bin/prometheus-alertmanager")
    config = folder / "am.yml"
    config.write_text("route:\n  receiver: none\nreceivers:\n- name: none\n")
    command = [binary, f"--config.file={config}", f"--storage.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    return Start(command)


def pdns(folder: Path, port: int) -> Start:
    binary = program("pdns_server", "/usr/sbin/pdns_server")
    sqlite = program("sqlite3")
    schema = Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")
    database = folder / "p.db"
    subprocess.run([sqlite, str(database)], input=schema.read_bytes(), check=True)
    command = [binary, f"--config-dir={folder}", "--no-config", f"--socket-dir={folder}"]
    command += ["--launch=gsqlite3", f"--gsqlite3-database={database}", "--gsqlite3-dnssec=yes"]
    command += ["--local-address=127.0.0.1", f"--local-port={free_port()}", "--api=yes"]
    command += [f"--api-key={TOKEN}", "--webserver=yes", "--webserver-address=127.0.0.1"]
    command += [f"--webserver-port={port}", "--webserver-allow-from=127.0.0.0/8", "--daemon=no"]
    command += ["--guardian=no", "--disable-syslog", "--write-pid=no", "--loglevel=3"]
    return Start(command)


def jupyter_server(folder: Path, port: int) -> Start:
    binary = program("jupyter-server")
    root, home = folder / "root", folder / "home"
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
    return Start(command, environment)


_HUB = """
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import SimpleLocalProcessSpawner

class NoProxy(Proxy):
    should_start = False
    routes = {{}}
    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {{"routespec": routespec, "target": target, "data": data}}
    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)
    async def get_all_routes(self):
        return dict(self.routes)

c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = SimpleLocalProcessSpawner
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = {port}
c.JupyterHub.bind_url = "http://127.0.0.1:{other}/"
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.allow_named_servers = True
c.JupyterHub.log_level = "ERROR"
c.Spawner.cmd = {notebook!r}
c.JupyterHub.services = [{{"name": "probe", "api_token": "{token}", "admin": True}}]
c.JupyterHub.load_roles = [{{"name": "probe", "services": ["probe"], "scopes": [
    "admin-ui", "admin:users", "admin:groups", "admin:servers", "list:users", "list:services",
    "tokens", "read:hub", "proxy", "servers", "users", "groups", "shares", "shutdown"]}}]
"""


_NOTEBOOK = """
import os
from http.server import HTTPServer
from urllib.parse import urlsplit

class Handler(PromptHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

at = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
HTTPServer((at.hostname, at.port), Handler).serve_forever()
"""
"""Stands for what a hub starts for a user."""

HUB_TOKEN = "secret-token-0123456789"
"""A hub takes no shorter ones."""


def jupyterhub(folder: Path, port: int) -> Start:
    """The hub without its proxy; the token may do everything, stop it too."""
    binary = program("jupyterhub")
    config, notebook = folder / "hub.py", folder / "notebook.py"
    notebook.write_text(_NOTEBOOK)
    started = [sys.executable, str(notebook)]
    config.write_text(_HUB.format(port=port, other=free_port(), token=HUB_TOKEN, notebook=started))
    return Start([binary, "-f", str(config)])


def wiremock(folder: Path, port: int) -> Start:
    """The program of the npm package or DRIFTCHECK_WIREMOCK; needs Java."""
    program("java")
    binary = program("wiremock", os.environ.get("DRIFTCHECK_WIREMOCK", ""))
    root = folder / "stubs"
    root.mkdir()
    command = [binary, "--bind-address", "127.0.0.1", "--port", str(port)]
    return Start([*command, "--root-dir", str(root), "--disable-banner"])


def changedetection(folder: Path, port: int) -> Start:
    """It fetches nothing: what it would ask is behind a proxy that isn't there."""
    binary = program("changedetection.io")
    nowhere = "http://127.0.0.1:9"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    environment = {**dict.fromkeys(names, nowhere), "FETCH_WORKERS": "1"}
    environment["DISABLE_VERSION_CHECK"] = "true"
    command = [binary, "-h", "127.0.0.1", "-p", str(port), "-d", str(folder)]
    return Start([*command, "-C", "-P", "true", "-l", "WARNING"], environment)


_NETDATA = """
[global]
  run as user = root
[directories]
  cache = {folder}/cache
  lib = {folder}/lib
  log = {folder}/log
  config = {folder}/etc
[db]
  mode = ram
  retention = 3600
  update every = 5
[web]
  bind to = 127.0.0.1
  default port = {port}
[plugins]
  {off}
[registry]
  enabled = no
[cloud]
  enabled = no
[statsd]
  enabled = no
[ml]
  enabled = no
"""
_COLLECTORS = "python.d node.d charts.d go.d apps ebpf cgroups tc statsd timex perf nfacct fping"
_COLLECTORS += " ioping slabinfo"


def netdata(folder: Path, port: int) -> Start:
    """Without collectors, in memory only."""
    binary = program("netdata", "/usr/sbin/netdata")
    if os.geteuid() != 0:
        pytest.skip("netdata is configured to run as root")
    for name in ("cache", "lib", "log", "etc"):
        (folder / name).mkdir()
    off = "\n  ".join(f"{n} = no" for n in [*_COLLECTORS.split(), "enable running new plugins"])
    config = folder / "netdata.conf"
    config.write_text(_NETDATA.format(folder=folder, port=port, off=off))
    (folder / "lib" / ".opt-out-from-anonymous-statistics").touch()
    return Start([binary, "-D", "-c", str(config)])
