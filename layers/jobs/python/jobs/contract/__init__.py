"""Everything that goes over the wire, typed: messages, payloads, results, the API's bodies.

One module per job type; `jobs.contract.registry` maps a job type to its payload and result.
JSON Schemas of all of it are exported to `docs/contract/`.
"""
