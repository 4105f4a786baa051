"""Whether a document is what the registry makes of it: registered, each part under the number of our own formula."""

from collections.abc import Sequence

from b2b2c_saga.connectors.exchange import MeaninglessAnswer
from b2b2c_saga.connectors.told import Documented, Told
from b2b2c_saga.fiscal.port import InvoiceProvider, provider
from b2b2c_saga.model.documents import day_in_india, financial_year, irn
from b2b2c_saga.model.messages.commands import LookUpInvoice
from b2b2c_saga.model.messages.fiscal import DocumentType, RegisteredDocument
from b2b2c_saga.model.terms import Provider


def registered(command: Documented | LookUpInvoice, told: Told) -> tuple[RegisteredDocument, ...]:
    """What the registry gave for each part; a part that it does not take goes by its own number.

    Raises:
        MeaninglessAnswer: a registration is missing, or is not what the provider's own formula gives; or the parts, or
            the status, are not those of such a document.
    """
    if told.status not in {settled(command), "VOIDED"}:
        raise MeaninglessAnswer(f"such a document that is {told.status}")
    numbers = [part.document_number for part in told.documents]
    if isinstance(command, LookUpInvoice):  # it names the first part alone
        ours = [command.document_number, *numbers[1:]]
    else:
        ours = [document.number for document in command.documents]
    if numbers != ours:
        raise MeaninglessAnswer("registered in other parts than were sent")
    if [part.registration for part in told.documents] != _references(command, numbers):
        raise MeaninglessAnswer("registered, without the registry's own number for it")
    return tuple(
        RegisteredDocument(
            number=part.document_number,
            registration=part.registration or part.document_number,
            ack_number=part.ack_number,
            ack_date=part.ack_date,
            signed_qr_code=part.signed_qr_code,
        )
        for part in told.documents
    )


def settled(command: Documented | LookUpInvoice) -> str:
    """What becomes of the document when all is well."""
    return "REGISTERED" if _is_reported(command) else "ISSUED"


def _is_reported(command: Documented | LookUpInvoice) -> bool:
    if isinstance(command, LookUpInvoice):
        return command.document_type is not DocumentType.BILL_OF_SUPPLY
    return command.documents[0].is_reported


def _references(command: Documented | LookUpInvoice, numbers: Sequence[str]) -> list[str | None]:
    if not _is_reported(command):
        return [None] * len(numbers)
    if isinstance(command, LookUpInvoice):
        return [_reference(command, number) for number in numbers]
    return list(rules_of(command).references(command))


def _reference(command: LookUpInvoice, number: str) -> str:
    """What the registry calls a document of which no more is known than a look-up tells; without one, its number."""
    match command.provider:
        case Provider.INDIA_INV01:
            year = financial_year(day_in_india(command.document_time))
            return irn(command.seller_gstin, year, command.document_type, number)
        case Provider.EN16931:
            return number


def rules_of(command: Documented) -> InvoiceProvider:
    """Whether a GSTIN's check character counts is the configuration's to say, where the parties come from."""
    return provider(command.provider, check_gstins=False)
