"""The epoch of a transactional producer, and whether it may carry another transaction.

aiokafka 0.14 speaks Kafka's first transaction protocol, in which the epoch stays the same from commit to commit. So a
request that got no answer and was repeated by the client may still lie in a socket or in the broker, and passes for one
of the next transaction when it arrives: a late EndTxn commits half of it, a late TxnOffsetCommit sets its offsets back.
`tests/simulation` found both, and a real broker does the same. An epoch with an unanswered request carries no further
transaction: another producer of the same id has the next epoch, and the cluster refuses what is late of this one.
"""

from typing import Any

from aiokafka import AIOKafkaProducer


class Answers:
    """Listens to a producer's requests: whether each was answered."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.missing = False
        self._send = producer.client.send
        producer.client.send = self._listen

    async def _listen(self, *request: Any, **options: Any) -> Any:  # noqa: ANN401 - aiokafka's requests, untouched
        try:
            return await self._send(*request, **options)
        except BaseException:
            self.missing = True
            raise


Epoch = tuple[int, int]
"""Producer id and epoch."""


def epoch_of(producer: AIOKafkaProducer) -> Epoch:
    """What the cluster gave the producer when it started."""
    manager = producer._txn_manager  # noqa: SLF001 - aiokafka shows the epoch nowhere else
    return int(manager.producer_id), int(manager.producer_epoch)


def follows(epoch: Epoch, before: Epoch) -> bool:
    """Whether no other producer of that id was between the two."""
    return epoch == (before[0], before[1] + 1)
