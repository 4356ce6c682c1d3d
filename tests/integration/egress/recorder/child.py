"""Runs one recorder on the socket whose descriptor comes first; the job follows as JSON.

It ends as the zygote's children do, without taking the interpreter down: native threads may still call into it.
"""

import json
import os
import resource
import socket
import sys

import msgspec

from rtcstack import log
from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.main import run

log.configure("info", "json")
descriptor, fields = int(sys.argv[1]), json.loads(sys.argv[2])
largest = fields.pop("largest_file_bytes", 0)
if largest:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
job = msgspec.convert(fields, RecordingJob, dec_hook=lambda kind, text: kind(text))
os._exit(run(job, socket.socket(fileno=descriptor)))
