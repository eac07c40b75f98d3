"""`python -m academy_worker`."""

from academy_worker.main import app

app()
