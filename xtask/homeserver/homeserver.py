"""A Matrix homeserver on this machine, for the tests and the demo: Synapse with SQLite.

    homeserver.py serve FOLDER PORT [SETTINGS]   becomes the server; SETTINGS is JSON laid over its configuration
    homeserver.py account PORT NAME PASSWORD [DISPLAY NAME]
                                                 adds an account with all rights, once the server is there

The folder keeps everything and can be copied while nothing runs in it. The server ends with whoever started it.
"""

import hashlib
import hmac
import json
import os
import pathlib
import sys
import threading
import time
import urllib.error
import urllib.request

SECRET = "of-this-machine-only"


def settings(folder: pathlib.Path, port: int) -> dict:
    free = {"per_second": 1000, "burst_count": 1000}
    return {
        "server_name": "chat.example.test",
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [{
            "port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False, "x_forwarded": True,
            "resources": [{"names": ["client"], "compress": False}],
        }],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": SECRET,
        "macaroon_secret_key": SECRET,
        "form_secret": SECRET,
        "report_stats": False,
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "allow_guest_access": True,
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "auto_accept_invites": {"enabled": True, "only_from_local_users": True},
        "encryption_enabled_by_default_for_room_type": "off",
        "presence": {"enabled": False},
        "user_directory": {"enabled": False},
        "url_preview_enabled": False,
        "bcrypt_rounds": 4,
        "jwt_config": {"enabled": True, "secret": SECRET + "-and-long-enough-for-it", "algorithm": "HS256"},
        "rc_message": free,
        "rc_registration": free,
        "rc_login": {"address": free, "account": free, "failed_attempts": free},
        "rc_joins": {"local": free, "remote": free},
        "rc_joins_per_room": free,
        "rc_invites": {"per_room": free, "per_user": free, "per_issuer": free},
        "rc_room_creation": free,
    }


def write(path: pathlib.Path, value: dict) -> str:
    # JSON is YAML too.
    path.write_text(json.dumps(value, indent=1))
    return str(path)


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def log_to(path: pathlib.Path) -> str:
    """Writes down how a process of the server logs, and says where."""
    return write(path.with_suffix(".log.json"), {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(request)s %(message)s"}},
        "handlers": {"file": {"class": "logging.FileHandler", "filename": str(path), "formatter": "line"}},
        "root": {"level": "INFO", "handlers": ["file"]},
        "disable_existing_loggers": False,
    })


def configure(folder: pathlib.Path, laid_over: dict) -> str:
    """Writes down everything that a server in this folder begins with, and says where its configuration stands."""
    if not (folder / "signing.key").exists():
        from signedjson.key import generate_signing_key, write_signing_keys

        with open(folder / "signing.key", "w") as file:
            write_signing_keys(file, [generate_signing_key("a_1")])
    kept = {name: value for name, value in laid_over.items() if value is not None}
    return write(folder / "homeserver.json", {**kept, "log_config": log_to(folder / "homeserver.log")})


def serve(folder: pathlib.Path, port: int, changes: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    config = configure(folder, {**settings(folder, port), **changes})
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    sys.argv = ["homeserver", "-c", config]

    from synapse.app.homeserver import main

    main()


def first_answer(url: str) -> dict:
    """What a server says that may just be starting."""
    end = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > end:
                sys.exit(f"nobody answers at {url}: {error}")
            time.sleep(0.2)


def account(port: int, name: str, password: str, displayed: str) -> None:
    url = f"http://127.0.0.1:{port}/_synapse/admin/v1/register"
    nonce = first_answer(url)["nonce"]
    words = b"\0".join(word.encode() for word in (nonce, name, password, "admin"))
    mac = hmac.new(SECRET.encode(), words, hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": name, "displayname": displayed, "password": password, "admin": True, "mac": mac}
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as error:
        told = json.load(error)
        # It was there before.
        if told.get("errcode") != "M_USER_IN_USE":
            sys.exit(f"{name}: {told}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", folder, port, *rest]:
            serve(pathlib.Path(folder).absolute(), int(port), json.loads(rest[0]) if rest else {})
        case ["account", port, name, password, *rest]:
            account(int(port), name, password, rest[0] if rest else name)
        case _:
            sys.exit(__doc__)
