"""Steps 0-A and 0-B: the seller accounts and parties of `config/channels.yaml`, validated."""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import USUAL_PATIENCE, Catalogue, Patience, Terms
from b2b2c_saga.model.words import Code, Party


@dataclass(frozen=True)
class _Account:
    channel: Code
    b2b_leg: bool
    client_x: str
    client_y: str
    b2b_price_percent: Annotated[Decimal, Field(gt=0, le=1_000)] = Decimal(80)


@dataclass(frozen=True)
class _File:
    parties: dict[str, Party]
    accounts: dict[Code, _Account]
    patience: Patience = USUAL_PATIENCE


def load_catalogue(path: Path) -> Catalogue:
    """The accounts of a configuration file.

    Raises:
        BadInput: names the file, the field and the rule of the first mistake.
    """
    try:
        file = TypeAdapter(_File).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(
            f"{path}: {error.strerror}", field="config", rule="name a readable file: --config FILE or B2B2C_CONFIG"
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not text", field="config", rule="YAML 1.1 in UTF-8") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {error}", field="config", rule="YAML 1.1") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(
            f"{path}: a field breaks its rule", field=".".join(map(str, first["loc"])), rule=first["msg"]
        ) from None
    for name, account in file.accounts.items():
        for role in ("client_x", "client_y"):
            if getattr(account, role) not in file.parties:
                raise BadInput(
                    f"{path}: unknown party",
                    field=f"accounts.{name}.{role}",
                    value=getattr(account, role),
                    rule="named under parties",
                )
    return Catalogue(
        {
            name: Terms(
                channel=account.channel,
                b2b_leg=account.b2b_leg,
                client_x=file.parties[account.client_x],
                client_y=file.parties[account.client_y],
                b2b_price_percent=account.b2b_price_percent,
                patience=file.patience,
            )
            for name, account in file.accounts.items()
        }
    )


def with_patience(catalogue: Catalogue, patience: Patience) -> Catalogue:
    """The same accounts with other patience: a demo plays a month in a minute."""
    return Catalogue({name: replace(terms, patience=patience) for name, terms in catalogue.accounts.items()})
