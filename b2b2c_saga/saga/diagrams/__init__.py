"""What the declared steps look like, drawn from themselves: events, gates, commands, states. Pure.

`walk` goes through the check's worlds and `watch` notes in `seen` what happens there; `step_chart`, `whole_chart` and
`state_chart` draw it, `pages` puts the drawings into Markdown, `mermaid` is how they are written down. Imports `saga/`
and `model/` only; the command is `b2b2c-saga diagram`.
"""
