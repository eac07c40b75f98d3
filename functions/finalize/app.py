"""Dead letters and ended flows -> failed jobs."""

from jobs.wiring import batch_handler, finalizer

handler = batch_handler(lambda: finalizer().handle)
