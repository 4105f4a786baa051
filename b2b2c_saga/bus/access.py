"""Does the cluster let us in? Of a wrong password aiokafka's clients say what they say of no cluster at all."""

import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from b2b2c_saga.bus.security import connection
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings

ANSWERS_WITHIN_MS = 5_000


async def refusal(settings: Settings) -> BadInput | None:
    """Why the cluster does not let us in as we are, and what to do; None: it does, or none of its servers answers."""
    options = connection(settings)
    for server in options.pop("bootstrap_servers").split(","):
        host, port = server.rsplit(":", 1)
        try:
            connected = await create_conn(host, int(port), request_timeout_ms=ANSWERS_WITHIN_MS, **options)
        except ssl.SSLCertVerificationError as error:
            return BadInput(
                f"the certificate of {server} is not trusted",
                field="B2B2C_SSL_CAFILE",
                value=None if settings.ssl_cafile is None else str(settings.ssl_cafile),
                rule=f"the PEM file of the authority that signed it ({error.verify_message})",
            )
        except ssl.SSLError as error:
            return BadInput(
                f"{server} does not speak TLS as we do",
                field="B2B2C_SECURITY_PROTOCOL",
                value=settings.security_protocol,
                rule=f"that of the listener at this port ({error.reason})",
            )
        except UnsupportedSaslMechanismError as error:
            return BadInput(
                f"{server} does not take this way to log in",
                field="B2B2C_SASL_MECHANISM",
                value=settings.sasl_mechanism,
                rule=str(error).rsplit(". ", 1)[-1],
            )
        except SaslAuthenticationFailed:
            return BadInput(
                f"{server} refuses these credentials",
                field="B2B2C_SASL_USERNAME",
                value=settings.sasl_username,
                rule=f"check it, B2B2C_SASL_PASSWORD and that the user may log in with {settings.sasl_mechanism}",
            )
        except (OSError, TimeoutError, KafkaError):
            continue
        connected.close()
        return None
    return None
