"""All commands in one place."""

from typing import Any

import typer
from typer.core import TyperGroup

from academy_worker.commands import (
    analyze,
    contract,
    cost,
    dashboard,
    demo,
    embedding,
    handwriting,
    invoke,
    ocr,
    omr,
    operate,
    problem,
    sbom,
    segmentation,
    submit,
    video,
    wrong_note,
)


class Commands(TyperGroup):
    """Commands whose calls of AWS may fail: the reason in a line, and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not type(error).__module__.startswith("botocore"):
                raise
            typer.echo(f"AWS: {error}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    name="academy-worker", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False
)
app.add_typer(demo.app)
app.add_typer(sbom.app)
app.add_typer(cost.app)
app.add_typer(dashboard.app)
app.add_typer(submit.app)
app.add_typer(operate.app)
app.add_typer(invoke.app)
app.add_typer(analyze.app)
app.add_typer(ocr.app, name="ocr")
app.add_typer(omr.app, name="omr")
app.add_typer(problem.app, name="problem")
app.add_typer(segmentation.app, name="segmentation")
app.add_typer(embedding.app, name="embedding")
app.add_typer(handwriting.app, name="handwriting")
app.add_typer(video.app, name="video")
app.add_typer(wrong_note.app)
app.add_typer(contract.app, name="contract")
