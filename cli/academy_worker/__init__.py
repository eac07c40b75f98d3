"""The `academy-worker` command: the developer's and the operator's one tool."""
