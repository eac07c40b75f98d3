"""The job protocol: contract, tiers, store, consumer, download, delivery to the API."""
