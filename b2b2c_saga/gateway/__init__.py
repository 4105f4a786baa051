"""The Enabler API that Omni calls: pack confirmation (step 3) and handover (step 4), answered in the same call.

A call becomes an event on its step's topic; the answer is the saga's reply with the call's request id. The path is
`app` (routes) -> `bodies` (what came in) -> `doors` (what a call means) -> `exchange` (ask and be answered over
Kafka) -> `problems` (what went wrong, RFC 9457). No rule of the workflow is decided here. May import `bus/`,
`settings` and `model/`; only `cli/` and `demo/` import it.
"""
