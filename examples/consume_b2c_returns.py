"""Print each B2C return that the saga requires: `python examples/consume_b2c_returns.py HOST:PORT [TOPIC_PREFIX]`."""  # noqa: INP001

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer


async def main(servers: str, prefix: str = "") -> None:
    """Read committed events only: what an aborted transaction wrote was never decided."""
    consumer = AIOKafkaConsumer(
        f"{prefix}b2b2c.b2c-returns.v1",
        bootstrap_servers=servers,
        group_id="my-returns",
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    async with consumer:
        async for record in consumer:
            required = json.loads(record.value)
            party = required["clientY"]
            sys.stdout.write(f"{record.key.decode()} {required['cause']} {required['total']} {party['accountCode']}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:  # noqa: PLR2004 - the program's own name, and one or two words
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
