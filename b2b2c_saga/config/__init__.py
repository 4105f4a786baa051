"""Steps 0-A and 0-B as validated configuration: `config/*.yaml` becomes the catalogue that orders are taken in with.

`written.py` reads YAML with line numbers, `entries.py` is the format, `account_rules.py` and `price_rules.py` are what
entries must be together, `build.py` makes the catalogue, `reload.py` judges a changed set. The shell imports this; it
imports `fiscal/` and `model/`.
"""

from b2b2c_saga.config.load import Examined, examine, load_catalogue, with_patience, written_in
from b2b2c_saga.config.mistakes import Mistake

__all__ = ["Examined", "Mistake", "examine", "load_catalogue", "with_patience", "written_in"]
