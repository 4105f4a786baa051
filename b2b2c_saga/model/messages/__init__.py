"""What travels on the topics: upstream events, outside systems' answers, commands, integration events, replies, audit.

All are frozen pydantic models, camelCase on the wire; `b2b2c-saga schemas` exports their JSON Schemas. An event names
the step that learns it, a command the system that must act.
"""

from b2b2c_saga.model.messages import answers, commands, integration, operators, replies, upstream
from b2b2c_saga.model.messages.base import Command, Event, IntegrationEvent, Message, OrderEvent, Reply, StockEvent

__all__ = ["BY_TYPE", "Command", "Event", "IntegrationEvent", "Message", "OrderEvent", "Reply", "StockEvent"]

BY_TYPE: dict[str, type[Message]] = {
    kind.ce_type(): kind
    for module in (upstream, answers, commands, integration, replies, operators)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, Message)
    and kind.__module__ == module.__name__
    and kind.__name__[0] != "_"
}
"""Every message that may travel, by its CloudEvents type."""
