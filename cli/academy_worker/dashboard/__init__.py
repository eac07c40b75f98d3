"""The figures of the CloudWatch dashboard, drawn from the logs of a run."""
