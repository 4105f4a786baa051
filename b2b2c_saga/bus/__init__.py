"""Kafka as the other rooms see it: records, clients, topics, the wire format, and a broker for one's own machine.

Only this room and `runtime/` import aiokafka. It knows the messages of `model/` (to put them on the wire), the settings
and `telemetry/`, but no rule of the workflow. `heeded` and `undecodable` mend, for the whole process, what aiokafka
overlooks. Any room of the shell may import this; `model/`, `saga/` and `steps/` may not.
"""
