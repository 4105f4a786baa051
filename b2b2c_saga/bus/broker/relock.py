"""Write `jars.lock` anew: `python -m b2b2c_saga.bus.broker.relock`, after changing the versions here."""

import sys
import tempfile
from pathlib import Path

from jgo.env import EnvironmentBuilder
from jgo.maven import MavenContext, PythonResolver

from b2b2c_saga.bus.broker.jars import LOCK, sha256_of

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOG_BINDING = "org.slf4j:slf4j-simple:1.7.36"  # Kafka brings none: without it the broker's log stays empty
HEAD = f"""\
# The jars of Apache Kafka's broker: {KAFKA} + {LOG_BINDING}, resolved.
# group:artifact:version sha256
# Written by: python -m b2b2c_saga.bus.broker.relock
"""


def main() -> None:
    """Resolve all jars with jgo and write them down with their SHA-256."""
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch, "repository")
        context = MavenContext(resolver=PythonResolver(), repo_cache=repository)
        EnvironmentBuilder(context=context, cache_dir=Path(scratch, "environments")).from_endpoint(
            f"{KAFKA}+{LOG_BINDING}"
        )
        lines = sorted(f"{_coordinate(jar, repository)} {sha256_of(jar)}" for jar in repository.rglob("*.jar"))
    Path(__file__).with_name(LOCK).write_text(HEAD + "\n".join(lines) + "\n")
    sys.stdout.write(f"{len(lines)} jars in {LOCK}\n")


def _coordinate(jar: Path, repository: Path) -> str:
    *group, artifact, version = jar.parent.relative_to(repository).parts
    return f"{'.'.join(group)}:{artifact}:{version}"


if __name__ == "__main__":
    main()
