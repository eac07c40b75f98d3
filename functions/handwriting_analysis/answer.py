"""From payload to result: pages in, scores, regions and annotated pictures out."""

from analysis.handwriting.analyse import analyse_handwriting
from analysis.handwriting.annotate import annotate
from analysis.handwriting.types import Handwriting
from analysis.image import Image, encode_jpeg, read_image, read_pages
from jobs.contract.handwriting import (
    HandwritingPage,
    HandwritingPayload,
    HandwritingRegion,
    HandwritingResult,
)
from jobs.workspace import FileKind, Workspace


def analyse(payload: HandwritingPayload, workspace: Workspace) -> HandwritingResult:
    """Answer one job; pages are read one at a time."""
    blank = None
    if payload.template_url is not None:
        blank = read_image(workspace.fetch(payload.template_url, FileKind.IMAGE))
    pages: list[HandwritingPage] = []
    regions: list[HandwritingRegion] = []
    for page in read_pages(workspace.fetch(payload.download_url, FileKind.IMAGE)):
        found = analyse_handwriting(page.image, blank)
        pages.append(_page(payload, workspace, page.index, page.image, found))
        regions += [
            HandwritingRegion(
                box=list(region.box),
                kind=region.kind,
                score=region.score,
                pen=region.pen,
                page=page.index,
            )
            for region in found.regions
        ]
    count = len(pages)
    return HandwritingResult(
        writing_score=sum(page.writing_score for page in pages) / count,
        calculation_score=sum(page.calculation_score for page in pages) / count,
        ink_ratio=sum(page.ink_ratio for page in pages) / count,
        regions=regions,
        method=pages[0].method,
        pages=pages,
        note=pages[0].note,
    )


def _page(
    payload: HandwritingPayload, workspace: Workspace, index: int, image: Image, found: Handwriting
) -> HandwritingPage:
    reference = None
    if payload.annotate:
        picture = encode_jpeg(annotate(image, found), 80)
        reference = workspace.put(f"annotated/page{index + 1}.jpg", picture, "image/jpeg")
    return HandwritingPage(
        index=index,
        width=image.shape[1],
        height=image.shape[0],
        writing_score=found.writing_score,
        calculation_score=found.calculation_score,
        ink_ratio=found.ink_ratio,
        method=found.method,
        note=found.note,
        annotated_ref=reference,
    )
