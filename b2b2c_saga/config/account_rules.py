"""What parties, accounts and patience must be, seen together with the rest of the set."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from b2b2c_saga.config.build import address_of, capabilities_of, patience_of
from b2b2c_saga.config.entries import AccountEntry, PartyEntry
from b2b2c_saga.config.mistakes import Mistake, Where
from b2b2c_saga.config.reading import Entries
from b2b2c_saga.config.texts import duration_text
from b2b2c_saga.config.written import Written
from b2b2c_saga.model.documents import gstin_is_valid
from b2b2c_saga.model.places import wrong_place
from b2b2c_saga.model.terms import Provider

SEARCHED_AT_MOST = 300
"""Names: each that is not found is compared with all of them."""
OF_THE_B2B_SALE = ("variant", "price_list", "provider", "numbers", "eway_bill", "capabilities")


@dataclass(frozen=True)
class Rules:
    """A set that is checked as a whole, and what all its rules need."""

    written: Written
    entries: Entries

    def names_one(self, section: str, name: str, where: Where) -> Iterator[Mistake]:
        """A name must be one of a section."""
        names = self.entries.named[section]
        if name not in names:
            near = difflib.get_close_matches(name, names, 1) if len(names) <= SEARCHED_AT_MOST else []
            rule = f"is not under {section}" + (f"; did you mean {near[0]}?" if near else "")
            yield self.written.wrong(where, rule)


def account_mistakes(rules: Rules) -> Iterator[Mistake]:
    """All that is wrong with parties, accounts and patience."""
    yield from _parties(rules)
    yield from _patience(rules)
    if not rules.entries.named["accounts"]:
        yield rules.written.wrong(("accounts",), "is missing: no seller account is set up")
    for name, account in rules.entries.accounts.items():
        yield from _account(rules, ("accounts", name), account)


def _parties(rules: Rules) -> Iterator[Mistake]:
    for name, party in rules.entries.parties.items():
        where = ("parties", name, "gstin")
        if party.gstin[:2] != party.billing_address.state:
            rule = f"begins with another state than the billing address, {party.billing_address.state}"
            yield rules.written.wrong(where, rule)
        if rules.entries.gstin_check == "full" and not gstin_is_valid(party.gstin):
            rule = "fails the GSTIN check (form and check character); for a sandbox set `gstin_check: form`"
            yield rules.written.wrong(where, rule)
        yield from _addresses(rules, ("parties", name), party)


def _addresses(rules: Rules, where: Where, party: PartyEntry) -> Iterator[Mistake]:
    """The registry refuses a PIN of another state (its errors 2178 and 3039)."""
    for name, address in (("billing_address", party.billing_address), ("shipping_address", party.shipping_address)):
        if wrong := wrong_place(address_of(address)):
            yield rules.written.wrong((*where, name, wrong.field), f"must be {wrong.rule}")


def _patience(rules: Rules) -> Iterator[Mistake]:
    patience = patience_of(rules.entries.patience)
    if patience.retry > patience.retry_at_most:
        where = ("patience", "retry" if rules.entries.patience.retry else "retry_at_most")
        yield rules.written.wrong(where, "retry must not be longer than retry_at_most")


def _account(rules: Rules, where: Where, account: AccountEntry) -> Iterator[Mistake]:
    yield from rules.names_one("parties", account.client_x, (*where, "client_x"))
    yield from rules.names_one("parties", account.client_y, (*where, "client_y"))
    if account.model == "pass-through":
        for name in OF_THE_B2B_SALE:
            if getattr(account, name) is not None:
                yield rules.written.wrong((*where, name), "a pass-through account has no B2B sale: leave it out")
        return
    if _gstin(rules, account.client_x) == _gstin(rules, account.client_y):
        yield rules.written.wrong((*where, "client_y"), "has the GSTIN of client_x: X can't sell to itself")
    if account.variant is None:
        yield rules.written.wrong((*where, "variant"), "is missing: erp or wms")
    yield from _prices(rules, where, account)
    yield from _eway_bill(rules, (*where, "eway_bill"), account)
    yield from _capabilities(rules, (*where, "capabilities"), account)


def _gstin(rules: Rules, party: str) -> str:
    """A party without a right entry is one of its own."""
    known = rules.entries.parties.get(party)
    return known.gstin if known else party


def _prices(rules: Rules, where: Where, account: AccountEntry) -> Iterator[Mistake]:
    if account.price_list is None:
        yield rules.written.wrong((*where, "price_list"), "is missing: what does X charge Y?")
        return
    at = (*where, "price_list")
    yield from rules.names_one("price_lists", account.price_list, at)
    prices = rules.entries.price_lists.get(account.price_list)
    if prices and prices.key != (account.client_x, account.client_y, account.channel):
        seller, buyer, channel = prices.key
        if rules.entries.named["parties"] >= {seller, buyer, account.client_x, account.client_y}:
            yield rules.written.wrong(at, f"is what {seller} charges {buyer} on {channel}")


def _eway_bill(rules: Rules, where: Where, account: AccountEntry) -> Iterator[Mistake]:
    issued_by = capabilities_of(account.provider).provider
    if account.eway_bill and issued_by is not Provider.INDIA_INV01:
        yield rules.written.wrong(
            where, f"{issued_by} has no e-way bills: leave it out, or set `provider: india-inv01`"
        )


def _capabilities(rules: Rules, where: Where, account: AccountEntry) -> Iterator[Mistake]:
    asked, can = account.capabilities, capabilities_of(account.provider)
    if asked is None:
        return
    if asked.void_window and (can.void_window is None or asked.void_window > can.void_window):
        rule = f"{can.provider} can void " + (
            f"for {duration_text(can.void_window)} at most" if can.void_window else "nothing"
        )
        yield rules.written.wrong((*where, "void_window"), rule)
    if asked.lines_at_most and asked.lines_at_most > can.lines_at_most:
        rule = f"{can.provider} takes at most {can.lines_at_most} lines"
        yield rules.written.wrong((*where, "lines_at_most"), rule)
