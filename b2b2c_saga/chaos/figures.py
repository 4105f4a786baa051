"""What a run has counted: of events and effects, and of what the workers' logs say of their troubles."""

from pathlib import Path

from b2b2c_saga.chaos.checker import Evidence

TOLD = {
    "assigned": "assignments of partitions",
    "recovered": "recoveries of a partition",
    "a newer owner has this partition": "writers fenced",
    "batch aborted, asking again": "batches aborted",
    "writer failed, starting again": "writers restarted in place",
    "hole, asking again": "holes healed",
    "membership lost, joining again": "memberships joined anew",
}


def figures_of(evidence: Evidence, folder: Path) -> dict[str, int | float]:
    """By plain names; `folder` is where the workers' logs lie."""
    outputs = [output for told in evidence.outputs.values() for output in told]
    logs = "\n".join(log.read_text(errors="replace") for log in sorted(folder.glob("worker-*.log")))
    troubles = {name: logs.count(f'"event": "{event}"') for event, name in TOLD.items()}
    if not any(troubles.values()):
        troubles = {}  # plain Faust says none of this
    return {
        "events in the input log": evidence.events,
        "events acknowledged to their publisher": len(evidence.accepted),
        "outputs": len(outputs),
        "alarms rung": sum(output.step is None for output in outputs),
        "keys": len(evidence.versions),
        "versions of rows": sum(map(len, evidence.versions.values())),
        "events parked": sum(evidence.parked.values()),
        **troubles,
    }
