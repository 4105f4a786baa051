"""One message of stock as a call, and what comes back, SKU by SKU."""

from collections.abc import Sequence
from http import HTTPStatus

import structlog

from b2b2c_saga.connectors.caller import Caller, NoAnswer
from b2b2c_saga.connectors.counts import NOT_UNDERSTOOD, STOCK_MESSAGES
from b2b2c_saga.connectors.exchange import MeaninglessAnswer
from b2b2c_saga.connectors.stock import ask_stock, hear_stock
from b2b2c_saga.connectors.stock_batches import Answers, Asked
from b2b2c_saga.model.ids import derived_id

log = structlog.get_logger(__name__)
REFUSED_AS_A_WHOLE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class StockMessages:
    """The messages of stock to one system."""

    def __init__(self, system: str, caller: Caller) -> None:
        self._system = system
        self._caller = caller

    async def tell(self, batch: Sequence[Asked]) -> Answers:
        """Send what is of one account and location. A message that is refused as a whole is sent again in halves.

        So the one SKU that a system can't bear costs some calls more, and not the others their answer.
        """
        first, commands = batch[0].command, [asked.command for asked in batch]
        # Not the effect's key, as for other commands: a SKU that had no answer goes out again in other company.
        key = derived_id("stock", *(asked.id for asked in batch))
        said = {"system": self._system, "call": first.call(), "skus": len(batch)}
        try:
            heard = await self._caller.call(ask_stock(commands), first.account, key)
            STOCK_MESSAGES.labels(self._system).inc()
            if heard.status in REFUSED_AS_A_WHOLE and len(batch) > 1:
                log.warning("stock refused as a whole, sent again in halves", **said, status=heard.status)
                middle = len(batch) // 2
                return {**await self.tell(batch[:middle]), **await self.tell(batch[middle:])}
            events = hear_stock(self._system, commands, heard)
        except NoAnswer as error:
            log.info("no answer", **said, reason=str(error))
        except MeaninglessAnswer as error:
            log.warning("answer not understood", **said, reason=str(error))
            NOT_UNDERSTOOD.labels(self._system, first.call()).inc()
        else:
            return {event.key: event for event in events}
        return {}
