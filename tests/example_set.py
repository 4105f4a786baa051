"""The shipped configuration, and in it the SKUs that tests sell: on YELLOW-MKT at 80 % of their selling price."""

from pathlib import Path

import yaml

from b2b2c_saga.config import written_in
from b2b2c_saga.config.load import examine_files
from b2b2c_saga.model.catalogue import Catalogue

SHIPPED = Path(__file__).parents[1] / "config"
OF_THEIR_OWN = ("BEFORE", "AFTER", "BACK")
"""Orders that are looked for on the warehouse's shelves: each sells SKUs that no other order sells."""
SKUS = ("SKU-L1", "SKU-L2", "SKU-L3", *(f"{code}-{line}" for code in OF_THEIR_OWN for line in ("L1", "L2")))
COTTON = {"hsn": "621142", "name": "Kurta of the tests", "mrp": "9999", "cost": "200"}


def sku_of(order: str, line: str) -> str:
    """What an order of that code sells on a line."""
    return f"{order if order in OF_THEIR_OWN else 'SKU'}-{line}"


def example_set(**sections: object) -> str:
    """The whole set as one file's text; sections may be others than those shipped."""
    written = written_in(SHIPPED).values
    assert isinstance(written["products"], dict)
    products = {**written["products"], **dict.fromkeys(SKUS, COTTON)}
    text: str = yaml.dump({**written, "products": products, **sections}, Dumper=_NoAliases, sort_keys=False)
    return text


def example_catalogue(**sections: object) -> Catalogue:
    """The same as the saga reads it."""
    return examine_files(Path("tests"), {"config.yaml": example_set(**sections).encode()}).accepted()


class _NoAliases(yaml.SafeDumper):
    """Writes a thing twice where it stands twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True
