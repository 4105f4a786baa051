"""The form *orders*: a day of orders on real processes under faults, and a checker that computes everything anew.

`stage` sets the processes up on a cluster, `others` keeps those that are no workers; `dying` is the connectors' process
with a wish to die between a call and its answer. `faults` are those that only this form has. `play` plays the demo's
stories so that no fault stops it; `form` holds a run together. `audit` is the check: `slices` reads what the topics
say, `fold` and `outputs` compute from the inputs what rows and outputs must be, `verdicts` asks stories and books;
`violations` are the promises that may be broken, `history` tells what came before one, `page` all. Of the engine
nothing is taken but the words that it shares with the saga (`Job`, `Decided`, `Send`): what it should have written
follows from the inputs and from `decide` alone.
"""
