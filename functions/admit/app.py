"""Ingress queues -> jobs table -> work queues."""

from jobs.wiring import admission, batch_handler

handler = batch_handler(lambda: admission().handle)
