"""What ERP and RMS keep in their books, and the words for what became of a document.

`_numbers` are all numbers that are used, of parts and of foreign documents too; a refused one is free again.
"""

PENDING, REGISTERED, ISSUED = "PENDING", "REGISTERED", "ISSUED"
REFUSED, REVOKED, VOIDED = "REFUSED", "REVOKED", "VOIDED"
LIVE = {REGISTERED, ISSUED}
"""It stands: registered, or issued where no registry wants it (a bill of supply)."""

INVOICE, BILL_OF_SUPPLY, CREDIT_NOTE = "INV", "BIL", "CRN"

TABLES = """
CREATE TABLE IF NOT EXISTS invoices (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, type TEXT, document_date TEXT, account TEXT,
    order_code TEXT, shipment_id TEXT, attempt INTEGER, provider TEXT, seller JSON, buyer JSON, ship_to JSON,
    lines JSON, parts JSON, total TEXT, order_number TEXT, transport JSON, status TEXT, reason TEXT, registration TEXT,
    asked_at REAL, due_at REAL, refused_later INTEGER, registered_at REAL, revoke_at REAL, revoked_at REAL,
    voided_at REAL, voided_for TEXT, PRIMARY KEY (seller_gstin, financial_year, type, document_number)
);
CREATE INDEX IF NOT EXISTS invoices_due ON invoices (status, due_at);
CREATE INDEX IF NOT EXISTS to_be_revoked ON invoices (revoke_at) WHERE revoke_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS invoices_of_order ON invoices (account, order_code);
CREATE TABLE IF NOT EXISTS credit_notes (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, type TEXT, document_date TEXT, account TEXT,
    order_code TEXT, shipment_id TEXT, reversal TEXT, provider TEXT, preceding_document TEXT, seller JSON, buyer JSON,
    ship_to JSON, lines JSON, parts JSON, total TEXT, order_number TEXT, status TEXT, registration TEXT,
    registered_at REAL, PRIMARY KEY (seller_gstin, financial_year, document_number)
);
CREATE INDEX IF NOT EXISTS credit_notes_of_order ON credit_notes (account, order_code);
CREATE TABLE IF NOT EXISTS foreign_documents (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, type TEXT, buyer JSON, total TEXT, registration TEXT
);
CREATE TABLE IF NOT EXISTS _numbers (
    seller_gstin TEXT, financial_year TEXT, type TEXT, number TEXT, registration TEXT,
    PRIMARY KEY (seller_gstin, financial_year, type, number)
);
CREATE TABLE IF NOT EXISTS numbers (
    seller_gstin TEXT, financial_year TEXT, type TEXT, serial INTEGER, number TEXT, order_number TEXT, account TEXT,
    order_code TEXT, shipment_id TEXT, reversal TEXT, given_at REAL,
    PRIMARY KEY (seller_gstin, financial_year, type, serial), UNIQUE (seller_gstin, number)
);
CREATE INDEX IF NOT EXISTS numbers_of_order ON numbers (account, order_code);
CREATE TABLE IF NOT EXISTS eway_bills (
    document_number TEXT, number TEXT PRIMARY KEY, account TEXT, order_code TEXT, shipment_id TEXT, issued_at REAL,
    valid_until REAL, cancelled_at REAL
);
CREATE INDEX IF NOT EXISTS eway_bills_of_order ON eway_bills (account, order_code);
"""
