"""Where a form plays: a cluster, the network before it, and a fleet for its processes; all of it gone afterwards."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.chaos.cluster import Cluster
from b2b2c_saga.chaos.proxy import Network
from b2b2c_saga.demo.fleet import Fleet
from b2b2c_saga.settings import Settings

SLOTS = 4
Say = Callable[[str], None]


@dataclass(frozen=True)
class Scene:
    """A cluster under the harness's hands."""

    cluster: Cluster
    network: Network
    fleet: Fleet
    topics: Topics
    folder: Path
    base: Settings

    @property
    def settings(self) -> Settings:
        """For the harness itself: the direct way to the brokers that are up now."""
        return self.cluster.settings(self.base)

    def environment_of(self, slot: int) -> dict[str, str]:
        """What sends a worker through the proxies of its slot."""
        return {"B2B2C_BOOTSTRAP_SERVERS": self.cluster.address_for(slot)}


@asynccontextmanager
async def scene(settings: Settings, brokers: int, say: Say, slots: int = SLOTS) -> AsyncIterator[Scene]:
    """Everything up but the form's own processes, for the length of a block; every process stopped at its end.

    Raises:
        Unavailable: a broker does not start; names its log.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that brokers don't answer is what is wanted here
    run = f"chaos-{time.strftime('%H%M%S')}-{uuid4().hex[:4]}"
    folder = (settings.data_dir / "chaos" / run).absolute()
    folder.mkdir(parents=True)
    base = settings.model_copy(update={"topic_prefix": f"{run}.", "data_dir": folder, "bootstrap_servers": None})
    cluster = Cluster(folder / "cluster", brokers, slots, lambda sentence, _done, _total: say(sentence))
    network = Network(cluster.listeners, cluster.proxies)
    fleet = Fleet(folder, {"B2B2C_TOPIC_PREFIX": base.topic_prefix, "B2B2C_DATA_DIR": str(folder)})
    try:
        await cluster.start()
        await network.open()
        topics = load_topics(base.topic_prefix)
        await apply_topics(cluster.settings(base), topics)
        await cluster.in_sync()
        yield Scene(cluster, network, fleet, topics, folder, base)
    finally:
        await asyncio.to_thread(fleet.stop)
        await network.close()
        await cluster.stop()
