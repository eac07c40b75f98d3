"""What the template sets is what the code reads, under the same names and with its defaults."""

import re
from typing import Any, get_args

import pytest

from functions.embedding.backend_choice import EmbeddingSettings
from functions.homework_video.start import FlowSettings
from functions.language_model import LanguageModelSettings
from functions.ocr.engines import OcrSettings
from functions.omr_grading.template_source import TemplateApiSettings
from functions.problem_generation.answer import ProblemSettings
from functions.question_segmentation.answer import SegmentationSettings
from jobs.settings import EnvSettings
from jobs.wiring import (
    ApiSettings,
    DownloadSettings,
    GpuClusterSettings,
    GpuSettings,
    IngressSettings,
    PlatformSettings,
    PullSettings,
    TelemetrySettings,
)
from tests.template.transformed import PARAMETERS, source

PLATFORM = (PlatformSettings, TelemetrySettings)
GROUPS: dict[str, tuple[type[EnvSettings], ...]] = {
    "OcrFunction": (OcrSettings, DownloadSettings),
    "QuestionSegmentationFunction": (SegmentationSettings, DownloadSettings),
    "EmbeddingFunction": (EmbeddingSettings, LanguageModelSettings, DownloadSettings),
    "ProblemGenerationFunction": (ProblemSettings, LanguageModelSettings, DownloadSettings),
    "OmrGradingFunction": (TemplateApiSettings, DownloadSettings),
    "NotifyFunction": (ApiSettings,),
    "AdmitFunction": (IngressSettings, GpuSettings),
    "PullFunction": (ApiSettings, IngressSettings, PullSettings),
    "GpuWakeFunction": (GpuClusterSettings,),
    "VideoStartFunction": (FlowSettings,),
}
READ_BY_OTHERS = {
    "OMP_THREAD_LIMIT",
    "STAGE_NAME",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_LOG_LEVEL",
}
"""By Tesseract, by people and by Powertools."""

LEFT_TO_THE_IMAGE = {
    "tessdata_prefix",
    "google_vision_endpoint",
    "embedding_openai_dimensions",
    "embedding_threads",
}
"""Fields no deployment has needed to change."""


def variables(function: str) -> dict[str, Any]:
    properties = source()["Resources"][function]["Properties"]
    shared = source()["Globals"]["Function"]["Environment"]["Variables"]
    return shared | properties.get("Environment", {}).get("Variables", {})


def fields(function: str) -> set[str]:
    return {name for group in (*PLATFORM, *GROUPS[function]) for name in group.model_fields}


@pytest.mark.parametrize("function", GROUPS)
def test_every_variable_is_a_setting_of_the_function(function: str) -> None:
    given = {name for name in variables(function) if name not in READ_BY_OTHERS}
    assert {name.lower() for name in given} <= fields(function)


@pytest.mark.parametrize("function", GROUPS)
def test_every_setting_of_a_function_can_be_deployed(function: str) -> None:
    given = {name.lower() for name in variables(function)}
    assert fields(function) - LEFT_TO_THE_IMAGE <= given


@pytest.mark.parametrize("function", GROUPS)
def test_the_parameters_defaults_are_accepted_and_change_nothing(function: str) -> None:
    environ = {
        name: rendered(value) for name, value in variables(function).items() if rendered(value)
    }
    for group in GROUPS[function]:
        if group in (IngressSettings, FlowSettings, GpuClusterSettings):
            continue
        bare = {
            name: value
            for name, value in environ.items()
            if name.lower() in group.model_fields and group.model_fields[name.lower()].is_required()
        }
        assert group.load(environ | SECRETS) == group.load(bare | SECRETS), group


SECRETS = {
    "GOOGLE_SECRET_ARN": "arn",
    "OPENAI_SECRET_ARN": "arn",
    "WORKER_TOKEN_SECRET_ARN": "arn",
    "API_BASE_URL": "https://api.example",
    "DOWNLOAD_HOSTS": "files.example",
    "WORKER_ID": "worker",
}


def rendered(value: Any) -> str:
    """A variable with the parameters' defaults; empty for what only a deployment knows."""
    if isinstance(value, dict):
        name = value.get("Ref", "")
        parameter = source()["Parameters"].get(name, {})
        return str(PARAMETERS.get(name, parameter.get("Default", "")))
    return str(value)


@pytest.mark.parametrize(
    ("parameter", "group", "field"),
    [
        ("OcrEngine", OcrSettings, "ocr_engine"),
        ("QuestionSegmentationEngine", SegmentationSettings, "question_segmentation_engine"),
        ("EmbeddingBackend", EmbeddingSettings, "embedding_backend"),
    ],
)
def test_a_choice_offers_what_the_code_takes(
    parameter: str, group: type[EnvSettings], field: str
) -> None:
    offered = set(source()["Parameters"][parameter]["AllowedValues"]) - {""}
    assert offered == set(get_args(group.model_fields[field].annotation))


def test_the_defaults_a_description_names_are_those_of_the_code() -> None:
    told = {
        "OcrEngine": OcrSettings.model_fields["ocr_engine"].default,
        "OcrAutoOrder": OcrSettings.model_fields["ocr_auto_order"].default,
        "OcrGoogleSeconds": OcrSettings.model_fields["ocr_google_seconds"].default,
        "YoloQuestionConfThreshold": SegmentationSettings().yolo_question_conf_threshold,
        "YoloQuestionIouThreshold": SegmentationSettings().yolo_question_iou_threshold,
        "YoloQuestionTrust": SegmentationSettings().yolo_question_trust,
        "EmbeddingOpenAiModel": EmbeddingSettings().embedding_openai_model,
        "ProblemGenModel": ProblemSettings().problem_gen_model,
    }
    for parameter, default in told.items():
        description = source()["Parameters"][parameter]["Description"]
        value = f"{default:g}" if isinstance(default, float) else str(default)
        assert re.search(rf"empty for {re.escape(value)}$", description), parameter
