"""B2B2C orders as a saga on Apache Kafka. Begin with ARCHITECTURE.md; `b2b2c-saga --help` shows the commands."""
