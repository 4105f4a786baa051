"""The main job on one screen: all processes, a seeded day of orders, a kill, and the proof at the end.

`fleet` runs the processes, `stage` sets them up for one run, `day` writes the stories (pure), `player` plays them as
the systems upstream would, `watch` reads what comes of them, `verdict` says which have ended well, `screen` and
`summary` show it, `show` holds it all together. Nothing of ours is called from inside: all of it goes through Kafka and
HTTP, as any user's would. May import everything but `cli/`.
"""
