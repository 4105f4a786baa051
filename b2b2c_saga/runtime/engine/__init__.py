"""Atomic batches on Kafka: consumed offsets, changed rows and outputs in one transaction; nothing lost, nothing twice.

    fetch thread --Fetched--> Faust agent --submit--> Writer --transaction--> Kafka

One writer for each partition number, across all step topics and tables. Why it holds:

- `transaction`: the transactional id is group + partition number, so a new owner's first act fences the old one.
- `recovery`: only then are changelogs and committed offsets read.
- `labels`: the writer seeks for itself, and sees by labels when a queue of Faust's was cleared on the way.
- `batch`, `table`: changes lie over the rows and reach them after the commit.
- `parking` takes what can't be decided, and with it all that follows of its key; `released` brings it back, in order.
- `alarms`: time as an event; derived from the rows, so there is nothing to lose.
- `writer`, `owners`: failures end one life of one writer, `setbacks` says when the next begins; `standing` sees that
  another process took our name in the group; `transport` is the one module that knows Faust.

What holds it to that: `tests/simulation` plays this code, and aiokafka's producer under it, over a model of Kafka and
of Faust in virtual time: requests lost, late or unanswered, kills and pauses between any two steps, rebalances, queues
that lose. Each commit is checked anew from the log, and each mistake planted here is found. The model itself is held
against a real broker, request by request.

The engine knows nothing of orders: a `Job` names topics and tables, a `Logic` decides.
"""

from b2b2c_saga.runtime.engine.job import Decided, Job, Logic, Send

__all__ = ["Decided", "Job", "Logic", "Send"]
