"""From good entries to the catalogue that the saga reads."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from b2b2c_saga.config.entries import (
    AccountEntry,
    AddressEntry,
    CapabilitiesEntry,
    EwayBillEntry,
    PartyEntry,
    PatienceEntry,
    PriceListEntry,
)
from b2b2c_saga.config.reading import Entries
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.prices import ANY_SKU, PriceBook, PriceMode, PriceRule, Product, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import USUAL_PATIENCE, Capabilities, EwayBill, Issuer, Numbers, Patience, Provider, Terms
from b2b2c_saga.model.words import Address, Party

USUAL_PROVIDER = Provider.INDIA_INV01
AT_SELLING_PRICE = (PriceRule(ANY_SKU, date.min, PriceMode.PERCENT_OF_SELLING_PRICE, Decimal(100)),)
"""The prices of a pass-through account: without a B2B sale no other price is known."""


def catalogue_of(entries: Entries) -> Catalogue:
    """All accounts of a set without mistakes."""
    parties = {name: _party(party) for name, party in entries.parties.items()}
    patience = patience_of(entries.patience)
    products = {
        sku: Product(sku, one.hsn, one.name, one.unit, one.mrp, one.cost) for sku, one in entries.products.items()
    }
    taxes = TaxTable(
        tuple(
            TaxRule(hsn, tax.since, tuple(TaxSlab(slab.up_to, slab.rate) for slab in tax.slabs))
            for hsn, rules in sorted(entries.taxes.items())
            for tax in sorted(rules, key=lambda tax: tax.since)
        )
    )
    books = {name: PriceBook(products, _prices(one), taxes) for name, one in entries.price_lists.items()}
    passing = PriceBook(products, AT_SELLING_PRICE, taxes)
    return Catalogue(
        {
            name: Account(
                _terms(entries.version, account, parties, patience),
                books[account.price_list] if account.price_list else passing,
                orders_pulled=account.orders == "pulled",
            )
            for name, account in entries.accounts.items()
        },
        entries.version,
        taxes,
    )


def patience_of(entry: PatienceEntry) -> Patience:
    """The usual patience, but for what is written."""
    return replace(USUAL_PATIENCE, **entry.model_dump(exclude_none=True))


def capabilities_of(name: Provider | None, less: CapabilitiesEntry | None = None) -> Capabilities:
    """What the provider can do, but for what less is asked of it."""
    return replace(
        provider(name or USUAL_PROVIDER).capabilities, **(less.model_dump(exclude_unset=True) if less else {})
    )


def _terms(version: int, account: AccountEntry, parties: dict[str, Party], patience: Patience) -> Terms:
    return Terms(
        version=version,
        channel=account.channel,
        b2b_leg=account.model == "b2b2c",
        b2b_order=account.variant == "wms",
        cancel_after_pack=account.cancel_after_pack,
        issuer=Issuer.RMS if account.variant == "wms" else Issuer.ERP,
        numbers=account.numbers or Numbers.ISSUER,
        eway_bill=_eway_bill(account.eway_bill),
        documents=capabilities_of(account.provider, account.capabilities),
        client_x=parties[account.client_x],
        client_y=parties[account.client_y],
        patience=patience,
    )


def _eway_bill(entry: EwayBillEntry | None) -> EwayBill | None:
    return EwayBill(entry.above, entry.transporter_id, entry.transporter_name) if entry else None


def _party(entry: PartyEntry) -> Party:
    return Party(
        entry.legal_name,
        entry.gstin,
        entry.account_code,
        address_of(entry.billing_address),
        address_of(entry.shipping_address),
    )


def address_of(entry: AddressEntry) -> Address:
    """The same, as messages carry it."""
    return Address(entry.line, entry.city, entry.pin, entry.state)


def _prices(entry: PriceListEntry) -> tuple[PriceRule, ...]:
    rules = (PriceRule(price.sku, price.since, price.mode, price.value) for price in entry.prices)
    return tuple(sorted(rules, key=lambda rule: (rule.sku, rule.since)))
