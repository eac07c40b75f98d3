"""Secrets, read from Secrets Manager when first needed and kept for five minutes."""

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from faults import Code, Transient
from jobs.limits import SECRET_MAX_AGE


def secret(arn: str, *, fresh: bool = False) -> str:
    """Return the text of a secret; `fresh` skips the cache, after a refused credential.

    Blanks around it are left out: a file's last line break makes no HTTP header.

    Raises `Transient(dependency_unavailable)` without repeating what the service said.
    """
    try:
        value = parameters.get_secret(arn, max_age=SECRET_MAX_AGE, force_fetch=fresh)
    except GetParameterError:
        raise Transient(
            Code.DEPENDENCY_UNAVAILABLE, "a secret cannot be read; check its name and the role"
        ) from None
    return (value if isinstance(value, str) else value.decode()).strip()
