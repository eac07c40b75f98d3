"""Notify queue -> the academy's API."""

from jobs.wiring import batch_handler, notifier

handler = batch_handler(lambda: notifier().handle)
