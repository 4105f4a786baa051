"""Kafka as the other rooms see it: records, clients, topics, the wire format, and a broker for one's own machine.

Only this room and `runtime/` import aiokafka. It knows the messages of `model/` (to put them on the wire) and the
settings, but no rule of the workflow. Any room of the shell may import it; `model/`, `saga/` and `steps/` may not.
"""
