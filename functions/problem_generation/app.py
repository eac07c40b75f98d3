"""Job `problem_generation`: problems made from a question's recognised text."""

from functions.problem_generation.answer import problems_of
from jobs.contract.message import JobType
from jobs.contract.problem import ProblemPayload, ProblemResult
from jobs.wiring import job_handler
from jobs.workspace import Workspace


def run(payload: ProblemPayload, workspace: Workspace) -> ProblemResult:
    """Ask the configured language model, within the time that is left."""
    return problems_of(payload, workspace)


handler = job_handler(JobType.PROBLEM_GENERATION, run)
