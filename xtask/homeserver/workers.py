"""The same homeserver scaled out: PostgreSQL, Redis, the main process, two workers that answer visitors, two that write
events, and nginx before them all.

    workers.py serve FOLDER PORT [SETTINGS]      as homeserver.py does

Each process has a name. NAME.pid stands in FOLDER/run while it answers. What dies is started again some seconds later, as
the machine's service manager would do, and all of it ends with this program, however that ends.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from homeserver import configure, end_with, log_to, settings, write

ANSWERING = ["client1", "client2"]
WRITING = ["events1", "events2"]
# A service manager's usual pause before it starts again what died.
PAUSE = 3


class Service:
    """A process that is kept alive."""

    def __init__(self, place: pathlib.Path, name: str, words: list[str], door: str | int, user: str | None = None) -> None:
        self.name, self.words, self.door, self.user = name, words, door, user
        self.sign = place / f"{name}.pid"
        self.log = open(place.parent / f"{name}.out", "ab")
        self.process, self.died = None, None

    def start(self) -> None:
        self.process = subprocess.Popen(self.words, stdout=self.log, stderr=self.log, user=self.user, preexec_fn=die_with_parent)
        self.died = None

    def look_after(self) -> bool:
        """Starts it again if that is due, and says whether it answers."""
        if self.process.poll() is not None:
            self.sign.unlink(missing_ok=True)
            self.died = self.died or time.monotonic()
            if time.monotonic() > self.died + PAUSE:
                self.start()
            return False
        if not self.sign.exists() and answers(self.door):
            self.sign.write_text(str(self.process.pid))
        return self.sign.exists()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            # To PostgreSQL, SIGTERM means to wait for everybody first.
            self.process.send_signal(signal.SIGINT if self.name == "postgres" else signal.SIGTERM)
            self.process.wait()


def die_with_parent() -> None:
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers(door: str | int) -> bool:
    with socket.socket(socket.AF_UNIX if isinstance(door, str) else socket.AF_INET) as visitor:
        return visitor.connect_ex(door if isinstance(door, str) else ("127.0.0.1", door)) == 0


def program(name: str) -> str:
    places = ["/usr/sbin", *map(str, sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *places])) or sys.exit(f"there is no {name}")


def lay_out(folder: pathlib.Path, run: pathlib.Path, port: int, changes: dict) -> str:
    """Writes down the configuration that all processes of the server share."""
    ours = {
        **settings(folder, port),
        "listeners": [{"type": "http", "path": str(run / "main"), "resources": [{"names": ["client", "replication"]}]}],
        "database": {"name": "psycopg2", "args": {"user": "synapse", "dbname": "postgres", "host": str(run), "cp_max": 5}},
        "redis": {"enabled": True, "path": str(run / "redis")},
        "instance_map": {name: {"path": str(run / name)} for name in ["main", *WRITING]},
        "stream_writers": {"events": WRITING},
    }
    return configure(folder, {**ours, **changes})


def synapse(folder: pathlib.Path, run: pathlib.Path, shared: str, name: str, resource: str) -> Service:
    own = write(folder / f"{name}.json", {
        "worker_app": "synapse.app.generic_worker",
        "worker_name": name,
        "worker_listeners": [{"type": "http", "path": str(run / name), "resources": [{"names": [resource]}]}],
        "worker_log_config": log_to(folder / f"{name}.log"),
    })
    return Service(run, name, [sys.executable, "-m", "synapse.app.generic_worker", "-c", shared, "-c", own], str(run / name))


def postgres(folder: pathlib.Path, run: pathlib.Path) -> Service:
    """PostgreSQL, which refuses to be root; Debian's package made it an account of its own."""
    place = folder / "postgres"
    user = "postgres" if os.geteuid() == 0 else None
    place.mkdir(mode=0o700, exist_ok=True)
    if user:
        for path in (folder.parent, folder):
            path.chmod(path.stat().st_mode | 0o011)
        for path in (run, place, *place.rglob("*")):
            shutil.chown(path, user)
    if not (place / "PG_VERSION").exists():
        words = [program("initdb"), "-D", place, "-U", "synapse", "--auth=trust", "--locale=C", "--encoding=UTF8"]
        subprocess.run(words, user=user, stdout=subprocess.DEVNULL, check=True)
    words = [program("postgres"), "-D", str(place), "-k", str(run), "-c", "listen_addresses="]
    return Service(run, "postgres", words, str(run / ".s.PGSQL.5432"), user)


def redis(run: pathlib.Path) -> Service:
    words = [program("redis-server"), "--port", "0", "--unixsocket", str(run / "redis"), "--save", "", "--dir", str(run)]
    return Service(run, "redis", words, str(run / "redis"))


def nginx(folder: pathlib.Path, run: pathlib.Path, port: int) -> Service:
    """What stands between `upstream` and the last `location` is what docs/matrix.md recommends."""
    temporary = "".join(f"{kind}_temp_path {run}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    clients = "".join(f"server unix:{run}/{name} fail_timeout=3s;" for name in ANSWERING)
    (folder / "nginx.conf").write_text(f"""
        daemon off; master_process off; pid {run}/nginx; error_log {folder}/nginx.log;
        events {{}}
        http {{
          {temporary}
          log_format told '$request_method $uri $status [$upstream_addr] [$upstream_status] $request_time';
          access_log {folder}/access.log told;
          client_max_body_size 20M;
          proxy_read_timeout 90s; proxy_buffering off; proxy_http_version 1.1;
          proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
          upstream main {{ server unix:{run}/main; }}
          upstream clients {{ hash $http_authorization consistent; {clients} }}
          server {{
            listen 127.0.0.1:{port};
            location ~ ^/_matrix/client/v3/(sync$|rooms/[^/]+/(send|messages|joined_members)) {{ proxy_pass http://clients; }}
            location / {{ proxy_pass http://main; }}
          }}
        }}
    """)
    return Service(run, "nginx", [program("nginx"), "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"], port)


def is_ready(run: pathlib.Path) -> bool:
    import psycopg2

    with contextlib.suppress(psycopg2.OperationalError):
        psycopg2.connect(user="synapse", dbname="postgres", host=str(run)).close()
        return True
    return False


def serve(folder: pathlib.Path, port: int, changes: dict) -> None:
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    os.chdir(folder)
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    shared = lay_out(folder, run, port, changes)
    main = Service(run, "main", [sys.executable, "-m", "synapse.app.homeserver", "-c", shared], str(run / "main"))
    workers = [synapse(folder, run, shared, name, "client") for name in ANSWERING]
    workers += [synapse(folder, run, shared, name, "replication") for name in WRITING]
    # Whoever stands in a later step needs those of the steps before. Workers that come before the main process has made its
    # tables end, and come again.
    steps = [[postgres(folder, run), redis(run)], [main, *workers], [nginx(folder, run, port)]]
    begun: list[Service] = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        for step in steps:
            for service in step:
                service.start()
            begun += step
            while not all([service.look_after() for service in begun]) or not is_ready(run):
                time.sleep(0.05)
        while True:
            for service in begun:
                service.look_after()
            time.sleep(0.1)
    finally:
        for service in reversed(begun):
            service.stop()
        # Nothing that is copied may be a socket.
        shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", folder, port, *rest]:
            serve(pathlib.Path(folder).absolute(), int(port), json.loads(rest[0]) if rest else {})
        case _:
            sys.exit(__doc__)
