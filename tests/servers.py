"""Real web servers (Apache, nginx, Caddy) on loopback with the rules that `glocal publish` writes for them.

A server is found on the path, or in the folder that GLOCAL_SERVERS names, where packages of Debian were unpacked
(`dpkg -x`). It serves a folder of a site at the address that the site was published for, under another host and port.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Server", "find_server", "run_server"]

_ROOT = os.environ.get("GLOCAL_SERVERS", "")
_PLACES = {"apache": "usr/sbin/apache2", "nginx": "usr/sbin/nginx", "caddy": "usr/bin/caddy"}
_MODULES = ("mpm_event", "authz_core", "dir", "mime", "headers", "rewrite")


def find_server(name: str) -> str:
    """Return the path of a server's program; empty where there is none."""
    place = _PLACES[name]
    for path in (Path(_ROOT) / place if _ROOT else None, Path("/") / place):
        if path is not None and path.is_file():
            return str(path)
    return shutil.which(Path(place).name) or ""


@dataclass(frozen=True)
class Server:
    """A server that runs: the port that it listens at."""

    port: int

    def ask(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers (names in small letters) and body of the answer to a request.

        Args:
            path: The path as it is sent, percent-encoded.
            **headers: The headers, with `_` for `-`.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@contextlib.contextmanager
def run_server(name: str, site: Path, work: Path) -> Iterator[Server]:
    """Run a server for a site until the block ends.

    Args:
        name: `apache`, `nginx` or `caddy`.
        site: The folder of the site, at the root of whose host the IRIs of its things are too.
        work: A folder for its configuration and logs.
    """
    work.mkdir(parents=True, exist_ok=True)
    port = _find_port()
    write = {"apache": _configure_apache, "nginx": _configure_nginx, "caddy": _configure_caddy}[name]
    command = write(find_server(name), site, work, port)
    environment = {**os.environ, "HOME": str(work), "XDG_DATA_HOME": str(work), "XDG_CONFIG_HOME": str(work)}
    if _ROOT:
        environment["LD_LIBRARY_PATH"] = f"{_ROOT}/usr/lib/x86_64-linux-gnu"
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(100):
            if process.poll() is not None:
                raise AssertionError((work / "log").read_text("utf-8", "replace"))
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Server(port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def _find_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _configure_apache(program: str, site: Path, work: Path, port: int) -> list[str]:
    root = program.removesuffix("/usr/sbin/apache2") or "/"
    modules = Path(root) / "usr/lib/apache2/modules"
    lines = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in _MODULES]
    lines += [
        f"ServerRoot {work}",
        f"Listen 127.0.0.1:{port}",
        "ServerName localhost",
        f"PidFile {work}/pid",
        f"ErrorLog {work}/errors",
        f"DocumentRoot {site}",
        "TypesConfig /dev/null",
        "AddType text/html .html",
        "AllowEncodedSlashes NoDecode",
        f"<Directory {site}>",
        "AllowOverride FileInfo Options=MultiViews",
        "Options FollowSymLinks",
        "Require all granted",
        "</Directory>",
    ]
    (work / "apache.conf").write_text("\n".join(lines) + "\n", "utf-8")
    return [program, "-f", str(work / "apache.conf"), "-DFOREGROUND"]


def _configure_nginx(program: str, site: Path, work: Path, port: int) -> list[str]:
    rules = (site / "hosting" / "nginx.conf").read_text("utf-8")
    head, _, rest = rules.partition("# Into the block server:\n")
    user = "user root;" if os.geteuid() == 0 else ""
    text = f"""daemon off; {user} worker_processes 1; pid {work}/pid; error_log {work}/errors;
events {{ worker_connections 64; }}
http {{
access_log off; default_type application/octet-stream; types {{ text/html html; }}
client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c; uwsgi_temp_path {work}/d;
scgi_temp_path {work}/e;
{head}
server {{ listen 127.0.0.1:{port}; root {site};
{rest}
}} }}
"""
    (work / "nginx.conf").write_text(text, "utf-8")
    return [program, "-c", str(work / "nginx.conf"), "-p", str(work), "-e", str(work / "errors")]


def _configure_caddy(program: str, site: Path, work: Path, port: int) -> list[str]:
    rules = (site / "hosting" / "Caddyfile").read_text("utf-8")
    head = f"{{\nadmin off\nauto_https off\n}}\nhttp://127.0.0.1:{port} {{\nroot * {site}\n"
    text = f"{head}{rules}\nfile_server\n}}\n"
    (work / "Caddyfile").write_text(text, "utf-8")
    return [program, "run", "--config", str(work / "Caddyfile"), "--adapter", "caddyfile"]


def path_of(address: str) -> str:
    """Return the path and query of an address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
