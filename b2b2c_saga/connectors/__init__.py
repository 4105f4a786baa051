"""Connectors carry commands to the outside systems over HTTP, and publish what came back as events.

One file per system says how a command becomes a request and an answer becomes events; `issuer` (ERP and RMS) has one
per kind of command. `caller` knows idempotency, retries and outages; `not_understood` tells silence from answers that
nobody understands; `lanes` keeps each key's order and commits an offset once its answers are acknowledged. No rule of
the workflow is here: whether and when to ask again is the saga's.
May import `model/`, `fiscal/`, `config/`, `bus/`, `settings`, `telemetry`.
"""
