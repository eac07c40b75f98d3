"""All commands in one place."""

import typer

app = typer.Typer(name="academy-worker", no_args_is_help=True, pretty_exceptions_enable=False)
