"""How the B2B documents are told to those who register them: one file a provider, behind one port.

A provider takes a command with its documents, every amount worked out, and makes the payloads that its registry wants,
each validated before anybody sends it. Pure: nothing is sent here, and no amount is decided here (`model/taxes`,
`model/invoices`). This room imports `model/` alone; `connectors/` and the rooms above them import `fiscal.port`.
"""
