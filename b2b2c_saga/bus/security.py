"""How every client of ours reaches the cluster: address, TLS, SASL."""

import ssl
from typing import Any

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    """The keyword arguments that aiokafka's producer, consumer and admin client share.

    Raises:
        BadInput: the settings of TLS or SASL don't fit together.
        Unavailable: no cluster is named and none runs here.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "client_id": settings.application,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    if settings.security_protocol.startswith("SASL"):
        if settings.sasl_username is None or settings.sasl_password is None:
            missing = "sasl_username" if settings.sasl_username is None else "sasl_password"
            raise BadInput("SASL without credentials", field=missing, rule=f"set B2B2C_{missing.upper()}")
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return options


def _tls(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ssl_cafile)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            "no usable certificates", field="ssl_cafile", value=str(settings.ssl_cafile), rule=f"a PEM file ({error})"
        ) from None
