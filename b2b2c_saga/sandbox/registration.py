"""What time brings: an invoice is registered or refused some time after its acknowledgement, and may be taken back.

A registration is acknowledged with a number, a date and a signed QR code, which are printed on the document.
"""

import json
from base64 import urlsafe_b64encode
from hashlib import sha512
from typing import Any

from b2b2c_saga.sandbox.documents import REGISTRIES
from b2b2c_saga.sandbox.eway_bills import issue_with_registration
from b2b2c_saga.sandbox.india_time import iso_in_india
from b2b2c_saga.sandbox.system import Desk
from b2b2c_saga.sandbox.tables import ISSUED, PENDING, REFUSED, REGISTERED, REVOKED
from b2b2c_saga.sandbox.used_numbers import free

LEADING = {"erp": "1126", "rms": "1127"}
TAKEN_BACK = "the registry found the buyer's registration cancelled"


def settle(desk: Desk) -> None:
    """Register, or refuse, what is due; take back what is due after that."""
    for row in desk.book.find_up_to("invoices", "due_at", desk.now, status=PENDING):
        faults = desk.faults(row["account"], row["order_code"])
        if faults.hold_registration:
            continue
        if row["refused_later"]:
            desk.book.add("invoices", row | {"status": REFUSED, "reason": "3028: the buyer's GSTIN is not active"})
            free(desk, row)
            continue
        now_known = row | registered(desk, row)
        if faults.revoke > desk.chance("revoke", row["document_number"]):
            now_known["revoke_at"] = desk.later(faults.revoke_after_s, "revoke_after", row["document_number"])
        desk.book.add("invoices", now_known)
        issue_with_registration(desk, now_known)
    for row in desk.book.find_up_to("invoices", "revoke_at", desk.now):  # voided ones have no such time
        take_back(desk, row, TAKEN_BACK)


def registered(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """What the registry makes of a document; without an IRN it is issued, and known to its issuer alone."""
    if row["registration"] is None:
        return {"status": ISSUED, "registered_at": desk.now}
    parts = [_acknowledged(desk, row, part) for part in row["parts"]]
    return {"status": REGISTERED, "registered_at": desk.now, "parts": parts}


def take_back(desk: Desk, row: dict[str, Any], reason: str) -> None:
    """The registry's word; unless it was put right in time."""
    if row["revoke_at"] is not None and not desk.faults(row["account"], row["order_code"]).revoke:
        desk.book.add("invoices", row | {"revoke_at": None})
        return
    back = {"status": REVOKED, "reason": reason, "revoke_at": None, "revoked_at": desk.now}
    desk.book.add("invoices", row | back)


def _acknowledged(desk: Desk, row: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if not REGISTRIES[row["provider"]].HAS_REGISTRY:
        return part
    serial = desk.book.next_serial("acknowledgements")
    date = iso_in_india(desk.now)
    given = {"ack_number": f"{LEADING[desk.system]}{serial:011}", "ack_date": date}
    return part | given | {"signed_qr_code": _qr_code(row, part, date)}


def _qr_code(row: dict[str, Any], part: dict[str, Any], registered_at: str) -> str:
    """In the form of a JWT, as the portal's are; nobody can verify it, there is no key behind it."""
    data = {
        "SellerGstin": row["seller"]["gstin"],
        "BuyerGstin": row["buyer"]["gstin"],
        "DocNo": part["document_number"],
        "DocTyp": row["type"],
        "DocDt": "/".join(reversed(row["document_date"].split("-"))),
        "TotInvVal": float(part["total"]),
        "Irn": part["registration"],
        "IrnDt": registered_at,
    }
    header, body = {"alg": "RS256", "typ": "JWT"}, {"data": json.dumps(data), "iss": "sandbox"}
    signed = ".".join(_base64(json.dumps(of).encode()) for of in (header, body))
    return f"{signed}.{_base64(sha512(signed.encode()).digest())}"


def _base64(found: bytes) -> str:
    return urlsafe_b64encode(found).decode().rstrip("=")
