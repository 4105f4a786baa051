"""Whether all books agree: orders' rows and B2C returns on one side, the outside systems' books on the other.

`ledger` reads the topics, `books` the systems over HTTP, and `compare` puts them side by side, by order and by line.
The rules: `goods` (the marketplace's side), `warehouse` (B2B orders, shelves), `stock`, and `fiscal` for documents:
`papers` are those of one order, `invoices`, `undoing` and `returns` what must be there, `registry` what was registered,
`money` and `rates` the amounts, `numbers` and `fates` the issuer's series, `eway_bills` what goods move under. `sums`
adds up each account, `page` prints it. Rows are taken as facts; what should follow from them is worked out here anew,
without the saga's code and without the code that makes documents: nothing of `saga/` or `steps/` may be imported, nor
`model/taxes` and `model/invoices`. May import `bus/`, `settings`, `model/`; `cli/` and `demo/` import it.
"""
