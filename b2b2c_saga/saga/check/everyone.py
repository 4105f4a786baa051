"""All outside systems of a small world together: who answers which command, and what they do unasked."""

from collections.abc import Callable
from typing import Any

from b2b2c_saga.model.messages import Command, commands
from b2b2c_saga.saga.check import issuer, shops
from b2b2c_saga.saga.check.outside import Answers, World

WHO: dict[type[Command], Callable[[World, Any], Answers]] = {
    commands.RequestInvoiceNumber: issuer.number,
    commands.RequestCreditNoteNumber: issuer.number,
    commands.RequestEwayBill: issuer.eway_bill,
    commands.RegisterInvoice: issuer.register,
    commands.LookUpInvoice: issuer.look_up,
    commands.VoidInvoice: issuer.undo,
    commands.IssueCreditNote: issuer.undo,
    commands.PackOnMarketplace: shops.pack,
    commands.FetchLabel: shops.fetch_label,
    commands.HandOverOnMarketplace: shops.hand_over,
    commands.CancelOnMarketplace: shops.cancel,
    commands.CreateB2BOrder: shops.create_b2b_order,
    commands.CancelB2BOrder: shops.let_go,
    commands.ReleaseStock: shops.let_go,
    commands.PutGoodsAway: shops.put_away,
    commands.UpdateOmniStock: shops.take_stock,
    commands.OfferStock: shops.take_stock,
}


def answers(w: World, command: Command) -> Answers:
    """What the outside may do with a command: the world after it and the events that follow, for each way."""
    return WHO[type(command)](w, command)


def by_themselves(w: World) -> Answers:
    """What the outside may do without being asked."""
    if hasattr(w.row, "shipments"):
        yield from issuer.by_itself(w)
        yield from shops.put_right(w)
