"""The main job on one screen: all processes, a seeded day of orders, a kill, and the proof at the end.

`fleet` runs the processes, `stage` sets them up for one run, `surroundings` is what they are told, `day` writes the
stories (pure) and `faults` what the outside systems get wrong in them. `player` plays them, `parcels` the way of each
parcel: `upstream` says it on Kafka or through the gateway, `omni` asks until it is answered, `outside` is whoever uses
the outside systems themselves. `watch` reads what comes of it, `rest` waits for its end, `verdict` says which stories
have ended well, `screen` and `summary` show it, `show` holds it all together. Nothing of ours is called from inside:
all of it goes through Kafka and HTTP, as any user's would. May import everything but `cli/`.
"""
