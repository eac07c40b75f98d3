"""`python -m academy_worker`."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads spin, for three times the CPU

from academy_worker.main import app

app(prog_name="academy-worker")
