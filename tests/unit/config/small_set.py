"""A whole configuration that is small enough to see, and what is wrong with it when a line is another."""

from pathlib import Path

from b2b2c_saga.config.load import Examined, examine_files

SET = """\
version: 3
parties:
  x:
    legal_name: X Limited
    gstin: 29AABCK1234M1ZG
    account_code: X-1
    billing_address: {line: 1 Road, city: Bengaluru, pin: 560001, state: 29}
    shipping_address: {line: 2 Road, city: Bengaluru, pin: 560100, state: 29}
  y:
    legal_name: Y Limited
    gstin: 27AACCY5678N1ZF
    account_code: Y-1
    billing_address: {line: 3 Road, city: Mumbai, pin: 400001, state: 27}
    shipping_address: {line: 4 Road, city: Mumbai, pin: 400002, state: 27}
accounts:
  SHOP:
    channel: MARKET
    model: b2b2c
    variant: erp
    client_x: x
    client_y: y
    price_list: list
  OWN:
    channel: OWN
    model: pass-through
    client_x: x
    client_y: y
products:
  KURTA: {hsn: 621142, name: Kurta, mrp: 1999, cost: 450.50}
  SHIRT: {hsn: 610910, name: Shirt}
price_lists:
  list:
    seller: x
    buyer: y
    channel: MARKET
    prices:
      - {sku: "*", since: 2025-04-01, mode: percent_of_selling_price, value: 80}
      - {sku: KURTA, since: 2025-04-01, mode: cost_plus, value: 12.5}
taxes:
  61:
    - since: 2017-07-01
      slabs: [{up_to: 1000, rate: 5}, {rate: 12}]
    - since: 2025-09-22
      slabs: [{up_to: 2500, rate: 5}, {rate: 18}]
  62:
    - since: 2017-07-01
      slabs: [{rate: 12}]
"""


def examined(text: str, **files: str) -> Examined:
    """A set of `set.yaml` and other files, by their names without `.yaml`."""
    texts = {"set.yaml": text} | {f"{name}.yaml": more for name, more in files.items()}
    return examine_files(Path("set"), {name: content.encode() for name, content in texts.items()})


def told(text: str, **files: str) -> list[str]:
    """Every mistake, as an operator reads it."""
    return [str(mistake) for mistake in examined(text, **files).mistakes]


def altered(*changes: tuple[str, str]) -> str:
    """The set with other lines; each is there exactly once."""
    text = SET
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text
