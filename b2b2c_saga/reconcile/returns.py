"""The compensating B2C returns told downstream (seed rules 5 and 6): which are due, and what each must say."""

from collections.abc import Sequence
from decimal import Decimal

from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.reconcile.differences import Findings, Kind, of, units_of
from b2b2c_saga.reconcile.money import worth
from b2b2c_saga.reconcile.papers import Papers


def compare_returns(papers: Papers, told: Sequence[B2CReturnRequired], say: Findings) -> None:
    """Exactly one for each reversal of what was invoiced, and no other."""
    for s in papers.order.shipments:
        for r in s.reversals:
            of_this = [event for event in told if (event.shipment_id, event.reversal) == (s.id, r.id)]
            _due(papers, s, r, of_this, say)
            for event in of_this:
                _parties(papers, event, say)
                _says(papers, s, r, event, say)
    for event in told:
        known = papers.order.shipment(event.shipment_id)
        if known is None or known.reversal(event.reversal) is None:
            place, note = of(event.shipment_id, event.reversal), "a B2C return for a reversal that we don't know"
            say.wrong(Kind.B2C_RETURN, place, note, row=None, told=event.invoice_number)


def _due(papers: Papers, s: Shipment, r: Reversal, told: Sequence[B2CReturnRequired], say: Findings) -> None:
    """Of units on the document that counts: one. Of others none, but the one told while a dead document still stood."""
    place = of(s.id, r.id)
    if s.invoice.exists and not r.not_invoiced:
        waits = not r.has("require_b2c_return") and not papers.is_closed
        if told or not waits:
            say.same(Kind.B2C_RETURN, place, "exactly one for what was invoiced", due=1, told=len(told))
        return
    dead = {entry["document_number"] for entry in papers.dead(s)}
    due = int(any(event.invoice_number in dead for event in told))
    say.same(Kind.B2C_RETURN, place, "none for what was never invoiced", due=due, told=len(told))


def _parties(papers: Papers, event: B2CReturnRequired, say: Findings) -> None:
    """With Client Y's account code, GSTIN and addresses."""
    place, terms = of(event.shipment_id, event.reversal), papers.order.terms
    for name in ("account_code", "gstin", "legal_name", "billing_address", "shipping_address"):
        ours, said = getattr(terms.client_y, name), getattr(event.client_y, name)
        if ours != said:
            say.wrong(Kind.B2C_RETURN, place, f"Client Y's {name}", terms=str(ours), told=str(said))
    if event.seller != terms.client_x:
        codes = {"terms": terms.client_x.account_code, "told": event.seller.account_code}
        say.wrong(Kind.B2C_RETURN, place, "Client X", **codes)


def _says(papers: Papers, s: Shipment, r: Reversal, event: B2CReturnRequired, say: Findings) -> None:
    """Its units, what they were worth on the invoice, and which invoice that was."""
    place = of(s.id, r.id)
    theirs = units_of((line.order_item_code, line.quantity) for line in event.lines)
    say.same_units(Kind.B2C_RETURN, place, row=units_of(r.quantities), told=theirs)
    say.same(Kind.B2C_RETURN, place, "cause", row=r.cause.value, told=event.cause.value)
    if s.invoice.exists and not r.not_invoiced:
        say.same(Kind.B2C_RETURN, place, "invoice", row=s.invoice.number, told=event.invoice_number)
        say.same(Kind.B2C_RETURN, place, "order number", row=s.invoice.order_number, told=event.order_number)
    _amounts(papers, s, r, event, say)


def _amounts(papers: Papers, s: Shipment, r: Reversal, event: B2CReturnRequired, say: Findings) -> None:
    """At the prices of intake and the rates of the invoice; the total is that of the units at their prices."""
    place, rates = of(s.id, r.id), papers.rates(s, event.invoice_number)
    lines, terms = papers.lines(), papers.order.terms
    within = terms.client_x.gstin[:2] == terms.client_y.gstin[:2]
    for line in event.lines:
        code, before = line.order_item_code, r.credited_before[line.order_item_code]
        if code in lines and code in rates:
            these = range(before, before + line.quantity)
            due = worth(lines[code].unit_price, rates[code], these, within_state=within)
            tax = due.tax or Decimal(0)
            taxes = (0, tax / 2, tax / 2) if within else (tax, 0, 0)
            said = line.quantity, line.gst_rate, line.taxable_value, line.igst, line.cgst, line.sgst, line.total
            ours = line.quantity, rates[code], due.taxable, *taxes, due.total
            say.same(Kind.MONEY, of(place, code), "B2C return", due=ours, told=said)
    at_prices = sum(
        lines[line.order_item_code].unit_price * line.quantity for line in event.lines if line.order_item_code in lines
    )
    say.same(Kind.MONEY, place, "B2C return, total", due=at_prices, told=event.total)
    off = event.total - sum(line.total for line in event.lines)
    say.same(Kind.MONEY, place, "B2C return, round-off", due=off, told=event.round_off)
