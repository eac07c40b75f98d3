"""The whole system on one machine: engine, deployment, the API's stand-in, the demo's jobs."""
