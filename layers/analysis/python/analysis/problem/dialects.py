"""Three ways to ask a server for JSON, the surest first; what a server knows is remembered.

`responses` OpenAI's Responses API with a schema · `chat` chat completions with a schema, which
most compatible servers know · `plain` chat completions asked for a JSON object.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from analysis.openai_errors import PROVIDER
from analysis.problem.draft import Tag
from analysis.provider_call import call
from faults import Code, Permanent, Unavailable

Dialect = Literal["responses", "chat", "plain"]
DIALECTS: tuple[Dialect, ...] = ("responses", "chat", "plain")

Messages = list[dict[str, str]]

TEMPERATURE = 0.2
_UNKNOWN = {400, 404, 405, 415, 422, 501}
"""Statuses of a server that does not know a path or a parameter."""


class WireProblem(BaseModel):
    """A problem as strict schemas allow it: every field required, no ranges."""

    body: str
    choices: list[str]
    answer: str | None
    difficulty: int
    tag: Tag
    summary: str
    explanation: str
    check: str | None


class WireProblems(BaseModel):
    """What a server that knows schemas is held to."""

    problems: list[WireProblem]


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said, None where nothing readable was; tokens as the server counts them."""

    text: str | None
    dialect: Dialect
    prompt_tokens: int = 0
    completion_tokens: int = 0


_known: dict[tuple[str, str], Dialect] = {}
_fixed_temperature: set[tuple[str, str]] = set()


def forget() -> None:
    """Forget what servers know."""
    _known.clear()
    _fixed_temperature.clear()


def ask(
    client: Any,
    model: str,
    messages: Messages,
    remaining: Callable[[], float],
    *,
    plainly: bool = False,
) -> Turn:
    """Ask in the first dialect the server takes; `plainly` in the last one only.

    A dialect that was answered is where the next call to the same server and model begins; a
    model that has but one temperature is not told another again.
    Raises as `provider_errors`, `Permanent(model_output_invalid)` for an answer cut off or
    refused, `Transient(out_of_time)`.
    """
    import openai

    server = (str(client.base_url), model)
    place = DIALECTS.index("plain" if plainly else _known.get(server, "responses"))
    while True:
        dialect, warm = DIALECTS[place], server in _fixed_temperature
        try:
            turn = call(remaining, _asker(dialect, client, model, messages, warm))
        except (Permanent, Unavailable) as error:
            cause = error.__context__
            if not isinstance(cause, openai.APIStatusError) or cause.status_code not in _UNKNOWN:
                raise
            if cause.param == "temperature" and not warm:
                _fixed_temperature.add(server)
            elif dialect == DIALECTS[-1]:
                raise
            else:
                place += 1
            continue
        if not plainly and turn.text is not None:
            _known[server] = dialect
        return turn


def _asker(
    dialect: Dialect, client: Any, model: str, messages: Messages, warm: bool
) -> Callable[[float], Turn]:
    wish = {} if warm else {"temperature": TEMPERATURE}
    return lambda seconds: _SPEAK[dialect](
        client.with_options(timeout=seconds, max_retries=0), model, messages, wish
    )


def _responses(client: Any, model: str, messages: Messages, wish: dict[str, float]) -> Turn:
    raw = client.responses.with_raw_response.parse(
        model=model, input=messages, text_format=WireProblems, **wish
    )
    told = _body(raw)
    _parsed(raw)
    if told.get("status") == "failed":
        raise Unavailable(PROVIDER, "failed to answer")
    if told.get("status") == "incomplete":
        _cut_off((told.get("incomplete_details") or {}).get("reason"))
    parts = [
        part
        for item in told.get("output") or []
        if item.get("type") == "message"
        for part in item.get("content") or []
    ]
    if any(part.get("type") == "refusal" for part in parts):
        _refused()
    text = "".join(part.get("text") or "" for part in parts)
    return _turn(text, "responses", told, ("input_tokens", "output_tokens"))


def _chat(client: Any, model: str, messages: Messages, wish: dict[str, float]) -> Turn:
    raw = client.chat.completions.with_raw_response.parse(
        model=model, messages=messages, response_format=WireProblems, **wish
    )
    told = _body(raw)
    _parsed(raw)
    return _completion(told, "chat")


def _plain(client: Any, model: str, messages: Messages, wish: dict[str, float]) -> Turn:
    raw = client.chat.completions.with_raw_response.create(
        model=model,
        messages=messages,
        response_format={"type": "json_object"},
        **wish,
    )
    return _completion(_body(raw), "plain")


_SPEAK: dict[Dialect, Callable[[Any, str, Messages, dict[str, float]], Turn]] = {
    "responses": _responses,
    "chat": _chat,
    "plain": _plain,
}


def _completion(told: dict[str, Any], dialect: Dialect) -> Turn:
    choice = (told.get("choices") or [{}])[0]
    if choice.get("finish_reason") in ("length", "content_filter"):
        _cut_off(choice["finish_reason"])
    message = choice.get("message") or {}
    if message.get("refusal"):
        _refused()
    text = message.get("content")
    return _turn(text or "", dialect, told, ("prompt_tokens", "completion_tokens"))


def _body(raw: Any) -> dict[str, Any]:
    """The answer's JSON; an empty one for what is none."""
    try:
        told = json.loads(raw.http_response.text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _parsed(raw: Any) -> None:
    """Let the package hold the answer to the schema; its text is judged by us in any case."""
    import openai

    try:
        raw.parse()
    except (ValidationError, ValueError, TypeError, AttributeError, openai.OpenAIError):
        return


def _turn(text: str, dialect: Dialect, told: dict[str, Any], names: tuple[str, str]) -> Turn:
    usage = told.get("usage") or {}
    prompt, completion = (int(usage.get(name) or 0) for name in names)
    return Turn(text or None, dialect, prompt, completion)


def _cut_off(reason: object) -> None:
    known = reason if reason in ("length", "max_output_tokens", "content_filter") else "incomplete"
    hint = "send a shorter text or ask for fewer problems"
    if known == "content_filter":
        hint = "its filter stopped it"
    raise Permanent(Code.MODEL_OUTPUT_INVALID, f"{PROVIDER}'s answer was cut off ({known}); {hint}")


def _refused() -> None:
    raise Permanent(Code.MODEL_OUTPUT_INVALID, f"{PROVIDER} refused to answer to this text")


def json_in(text: str) -> dict[str, Any] | None:
    """The JSON object in an answer, fences and chatter around it aside; None for none."""
    match = re.search(r"\{.*\}", text, re.DOTALL)
    if match is None:
        return None
    try:
        value = json.loads(match[0])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
