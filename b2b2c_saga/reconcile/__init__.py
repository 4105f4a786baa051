"""Whether all books agree: orders' rows and B2C returns on one side, the outside systems' books on the other.

`ledger` reads the topics, `books` the systems over HTTP, and `compare` puts them side by side, by order and by line.
The rules: `goods` (the marketplace's side), `warehouse` (B2B orders, shelves), `fiscal` with `papers`, `invoices`,
`undoing`, `returns` and `money` (documents, to the paisa), `stock`; `sums` adds up each account, `page` prints it. Rows
are taken as facts; what should follow from them is worked out here anew, without the saga's code: nothing of `saga/` or
`steps/` may be imported. May import `bus/`, `settings`, `model/`; `cli/` and `demo/` import it.
"""
