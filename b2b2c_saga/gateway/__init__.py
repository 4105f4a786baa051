"""The Enabler API: what systems upstream say over HTTP; pack confirmation and handover are answered in the same call.

A call becomes an event on its step's topic. The path is `app` (routes) -> `bodies` (what came in) -> `doors` (what a
call means) -> `calls` or `inventory` (admitted and enveloped) -> `exchange` (published, and answered over Kafka) ->
`problems` (what went wrong, RFC 9457). No rule of the workflow is decided here. May import `bus/`, `config/`,
`settings` and `model/`; only `cli/` and `demo/` import it.
"""
