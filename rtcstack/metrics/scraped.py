"""What is read at each scrape: the names, and how readings become Prometheus's metric families."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

_PREFIX: Final = "rtcstack_"


@dataclass(frozen=True)
class Reading:
    """One value of a figure; `labels` in the order of the figure's names for them."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Figure:
    documentation: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"


def _of_worker(documentation: str, *labels: str, kind: Literal["gauge", "counter"] = "gauge") -> _Figure:
    return _Figure(documentation, ("worker", *labels), kind)


def _counted(documentation: str, *labels: str) -> _Figure:
    return _of_worker(documentation, *labels, kind="counter")


FIGURES: Final[Mapping[str, _Figure]] = {
    "build_info": _Figure("1; the labels say what runs.", ("version", "python")),
    "scrape_duration_seconds": _Figure("Time that reading these figures took."),
    "part_up": _Figure("Whether a part answers: redis, minio, livekit, egress.", ("part",)),
    "recordings": _Figure("Recordings that were not deleted, by state.", ("state",)),
    "stored_bytes": _Figure("Bytes of all recordings and clips that are kept."),
    "recordings_queue_oldest_seconds": _Figure(
        "For how long a recording has waited for capacity, the oldest."
    ),
    "recordings_processing_oldest_seconds": _Figure(
        "For how long a recording has been processing, the oldest."
    ),
    "uploads_waiting": _Figure("Recordings whose file the store does not take now."),
    "rooms_occupied": _Figure("Rooms with somebody in them."),
    "participants": _Figure("People in rooms."),
    "inbox_waiting": _Figure("Events of LiveKit's that are not applied yet."),
    "inbox_oldest_seconds": _Figure("Since when the oldest of them has been here."),
    "webhook_deliveries_pending": _Figure("Deliveries that wait for their first or another try."),
    "webhook_delivery_oldest_due_seconds": _Figure(
        "For how long the oldest delivery has been due; those of paused endpoints do not count."
    ),
    "webhook_endpoints": _Figure("Webhook endpoints: ok, failing, paused, disabled.", ("state",)),
    "jobs": _Figure("Jobs that are not done, by kind: waiting or running.", ("kind", "state")),
    "job_oldest_due_seconds": _Figure("For how long the oldest job of a kind has been due.", ("kind",)),
    "reconcile_findings": _Figure("What does not agree as of the last look, by kind.", ("kind",)),
    "reconcile_checks_failing": _Figure("Checks of the reconciler that could not be done."),
    "reconcile_oldest_look_seconds": _Figure("How long ago the check was done that was done longest ago."),
    "database_size_bytes": _Figure(
        "Size of the database: of its file, and of its write-ahead log.", ("file",)
    ),
    "disk_free_bytes": _Figure("Free space where the API writes.", ("folder",)),
    "disk_size_bytes": _Figure("Size of the file system there.", ("folder",)),
    "egress_workers": _Figure(
        "Egress workers: builtin, or others, which say nothing of themselves.", ("kind",)
    ),
    "egress_recordings": _of_worker("Recordings that are being recorded."),
    "egress_uploads": _of_worker("Recordings that are recorded and not all in the store yet."),
    "egress_capacity_recordings": _of_worker(
        "So many more recordings can be begun, and all get every picture."
    ),
    "egress_can_record": _of_worker("Whether another recording can be begun, perhaps with fewer pictures."),
    "egress_cores": _of_worker("CPU cores that the worker may use."),
    "egress_cores_needed": _of_worker("CPU cores that the running recordings need."),
    "egress_cores_other": _of_worker("CPU cores that everything else takes on the machine."),
    "egress_memory_free_bytes": _of_worker("Memory that is left to the worker."),
    "egress_recorder_memory_bytes": _of_worker("Memory of all recorders."),
    "egress_recorders_reduced": _of_worker(
        "Recorders that leave out pictures now, as the machine is overloaded."
    ),
    "egress_recorder_cpu_seconds": _counted("CPU time of all recorders."),
    "egress_frames": _counted("Pictures that were written."),
    "egress_frames_late": _counted(
        "Pictures that were due and came too late: the one before was shown again."
    ),
    "egress_frames_left_out": _counted(
        "Pictures that were left out on purpose, as the machine was overloaded."
    ),
    "egress_frames_dropped": _counted("Frames of participants that were dropped, as a queue was full."),
    "egress_steps_down": _counted("How often a recorder went down to fewer pictures a second."),
    "egress_recorders_died": _counted("Recorders that died; another one went on."),
    "egress_ended": _counted("Egresses that ended, by LiveKit's word for how.", "status"),
    "egress_unsent_bytes": _of_worker("Bytes in the spool that the store does not have yet."),
    "egress_upload_wait_seconds": _of_worker(
        "For how long something that is ready to be sent has waited, the oldest."
    ),
    "egress_spool_bytes": _of_worker("Bytes in the spool."),
    "egress_spool_oldest_seconds": _of_worker("Age of the oldest recording in the spool."),
    "egress_disk_free_bytes": _of_worker("Free space in the spool's file system."),
    "egress_disk_size_bytes": _of_worker("Size of the spool's file system."),
    "egress_process_cpu_seconds": _counted("CPU time of the worker's own process."),
    "egress_process_memory_bytes": _of_worker("Memory of the worker's own process."),
    "egress_process_start_time_seconds": _of_worker("When the worker's process began, Unix time."),
}


def families(readings: Iterable[Reading]) -> list[Metric]:
    """Return the families of the readings, in the order of the names; a figure without a reading is left out."""
    found: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
    for reading in readings:
        figure = FIGURES[reading.name]
        family = found.get(reading.name)
        if family is None:
            kind = GaugeMetricFamily if figure.kind == "gauge" else CounterMetricFamily
            family = found[reading.name] = kind(
                _PREFIX + reading.name, figure.documentation, labels=figure.labels
            )
        family.add_metric(list(reading.labels), reading.value)
    return [found[name] for name in FIGURES if name in found]
