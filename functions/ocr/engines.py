"""Which engine reads a job: by its payload, the deployment's settings and the student's consent."""

import json
from typing import Any, Literal

from analysis.ocr.engines import AutoEngine, Build
from analysis.ocr.reading import Engine
from faults import Code, Permanent
from jobs.contract.message import Tier
from jobs.contract.ocr import OcrPayload
from jobs.secrets import secret
from jobs.settings import EnvSettings

_MARGIN = 20.0
"""s kept for reading the page with another engine after Google did not answer."""


class OcrSettings(EnvSettings):
    """The deployment's engines.

    `ocr_engine` reads a job that names none; `ocr_auto_order` is the order of `auto`, a comma
    list. `tessdata_prefix` is where `*.traineddata` lies; empty looks where packages put it.
    `ocr_google_consent` is a comma list of the tiers whose customers agreed to pictures going to
    Google; empty is none. `google_secret_arn` holds a service account's JSON;
    `google_vision_endpoint` is another address of the service (a stand-in gets no credentials).
    `ocr_paddle_models` is a folder with det.onnx, rec.onnx and keys.txt.
    """

    ocr_engine: Literal["auto", "tesseract", "google", "paddle"] = "tesseract"
    ocr_auto_order: str = "google,paddle,tesseract"
    tessdata_prefix: str = ""
    ocr_google_consent: str = ""
    google_secret_arn: str = ""
    google_vision_endpoint: str = ""
    ocr_google_seconds: float = 20.0
    ocr_paddle_models: str = ""


def engine_for(payload: OcrPayload, tier: Tier, remaining: float) -> Engine:
    """The engine of a job of a tier; `remaining` are the seconds it has left.

    Raises `Permanent` with `not_configured`, or `payload_invalid` where consent is missing.
    """
    settings = OcrSettings.load()
    consented = payload.consent or tier in _consenting_tiers(settings)
    builds = _builds(payload, settings, consented, remaining)
    name = payload.engine or settings.ocr_engine
    if name != "auto":
        return builds[name]()
    order = [part.strip() for part in settings.ocr_auto_order.split(",") if part.strip()]
    unknown = set(order) - set(builds)
    if unknown:
        raise Permanent(Code.NOT_CONFIGURED, f"OCR_AUTO_ORDER names no engine: {min(unknown)}")
    return AutoEngine({part: builds[part] for part in order if _usable(part, consented, settings)})


def _usable(name: str, consented: bool, settings: OcrSettings) -> bool:
    """Whether `auto` may try an engine: consented to, and set up."""
    if name == "google":
        return consented and _has_google(settings)
    return name != "paddle" or bool(settings.ocr_paddle_models)


def _consenting_tiers(settings: OcrSettings) -> set[Tier]:
    """Raises `Permanent(not_configured)` for a name that is no tier: nobody agreed by a typo."""
    names = {part.strip() for part in settings.ocr_google_consent.split(",") if part.strip()}
    unknown = names - {tier.value for tier in Tier}
    if unknown:
        raise Permanent(
            Code.NOT_CONFIGURED,
            f"OCR_GOOGLE_CONSENT takes a comma list of lite, basic, premium, not {min(unknown)}",
        )
    return {Tier(name) for name in names}


def _has_google(settings: OcrSettings) -> bool:
    return bool(settings.google_secret_arn or settings.google_vision_endpoint)


def _builds(
    payload: OcrPayload, settings: OcrSettings, consented: bool, remaining: float
) -> dict[str, Build]:
    languages = tuple(payload.languages or ("kor", "eng"))

    def tesseract() -> Engine:
        from analysis.ocr.tesseract import TesseractEngine

        seconds = max(2.0, (remaining - _MARGIN / 2) / 4)
        return TesseractEngine(languages, payload.psm, settings.tessdata_prefix, seconds=seconds)

    def google() -> Engine:
        if not consented:
            raise Permanent(
                Code.PAYLOAD_INVALID, "engine google needs consent: the picture leaves the country"
            )
        if not _has_google(settings):
            raise Permanent(Code.NOT_CONFIGURED, "engine google needs GOOGLE_SECRET_ARN")
        from analysis.ocr.google import GoogleEngine

        seconds = max(1.0, min(settings.ocr_google_seconds, remaining - _MARGIN))
        endpoint = settings.google_vision_endpoint or None
        return GoogleEngine(_account(settings), languages, seconds, endpoint)

    def paddle() -> Engine:
        if not settings.ocr_paddle_models:
            raise Permanent(Code.NOT_CONFIGURED, "engine paddle needs OCR_PADDLE_MODELS")
        from pathlib import Path

        from analysis.ocr.paddle import PaddleEngine

        return PaddleEngine(Path(settings.ocr_paddle_models), languages)

    return {"tesseract": tesseract, "google": google, "paddle": paddle}


def _account(settings: OcrSettings) -> dict[str, Any] | None:
    if not settings.google_secret_arn:
        return None
    try:
        account: dict[str, Any] = json.loads(secret(settings.google_secret_arn))
    except ValueError:
        raise Permanent(
            Code.NOT_CONFIGURED, "the Google secret holds no service account in JSON"
        ) from None
    return account
