"""Inventory sync, step 1: WMS -> Omni -> marketplace, through Client Y's account. The newest version wins."""

from dataclasses import replace
from datetime import datetime, timedelta

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import StockRefused, StockTaken, StockUnanswered
from b2b2c_saga.model.messages.commands import OfferStock, UpdateOmniStock
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.steps import After, Step
from b2b2c_saga.steps.scopes import STOCK_ITEM, heard_nothing

inventory = Step("inventory")
COUNTED = {"stock known": lambda s, e: s.is_known}


@inventory.learns(StockCounted)
def stock_counted(s: Stock, event: StockCounted, now: datetime) -> Stock:
    """An older count than the one known changes nothing."""
    return replace(s, quantity=event.quantity, version=event.version) if event.version > s.version else s


@inventory.learns(StockTaken, waits_for=COUNTED)
def stock_taken(s: Stock, event: StockTaken, now: datetime) -> Stock:
    """Omni or the marketplace has this version."""
    if event.system == "omni":
        return replace(s, omni_has=max(s.omni_has, event.version))
    return replace(s, marketplace_has=max(s.marketplace_has, event.version))


@inventory.learns(StockRefused, waits_for=COUNTED)
def stock_refused(s: Stock, event: StockRefused, now: datetime) -> Stock:
    """Not this version; the next one is sent all the same."""
    if event.system == "omni":
        return replace(s, omni_refused=max(s.omni_refused, event.version))
    return replace(s, marketplace_refused=max(s.marketplace_refused, event.version))


inventory.learns(StockUnanswered, waits_for=COUNTED)(heard_nothing)


def _last_attempt_silent_since(call: str, s: Stock) -> datetime | None:
    silence = s.silence(call)
    return silence.at if silence and silence.attempt >= s.times(call) else None


def _retry(s: Stock) -> timedelta:
    return s.terms.patience.retry


@inventory.gate(
    STOCK_ITEM,
    times=lambda s: s.times("update_omni_stock") + 1,
    omni_has_an_older_version=lambda s: s.version > s.omni_has,
    omni_did_not_refuse_this_version=lambda s: s.version > s.omni_refused,
    not_told_or_no_answer=After(
        lambda s: _last_attempt_silent_since("update_omni_stock", s), _retry, or_if=lambda s: s.version > s.told_omni
    ),
)
def update_omni_stock(s: Stock, now: datetime) -> tuple[Stock, list[Message]]:
    """X's order system first."""
    attempt = s.times("update_omni_stock") + 1
    return replace(s, told_omni=s.version), [
        UpdateOmniStock(
            account=s.account, location=s.location, sku=s.sku, attempt=attempt, quantity=s.quantity, version=s.version
        )
    ]


@inventory.gate(
    STOCK_ITEM,
    times=lambda s: s.times("offer_stock") + 1,
    omni_has_this_version=lambda s: s.omni_has >= s.version,
    marketplace_has_an_older_version=lambda s: s.version > s.marketplace_has,
    marketplace_did_not_refuse_this_version=lambda s: s.version > s.marketplace_refused,
    not_offered_or_no_answer=After(
        lambda s: _last_attempt_silent_since("offer_stock", s), _retry, or_if=lambda s: s.version > s.offered
    ),
)
def offer_stock(s: Stock, now: datetime) -> tuple[Stock, list[Message]]:
    """Then the marketplace, where Client Y's account offers it."""
    attempt = s.times("offer_stock") + 1
    return replace(s, offered=s.version), [
        OfferStock(
            account=s.account, location=s.location, sku=s.sku, attempt=attempt, quantity=s.quantity, version=s.version
        )
    ]
