"""What an input may be before any pixel is allocated, each with its reason."""

MAX_PIXELS = 50_000_000
"""px; a 48 MP phone photo passes, a decompression bomb does not (150 MB as BGR)."""

MAX_SIDE = 20_000
"""px; longer sides come from bombs and stitched screenshots."""

MIN_SIDE = 16
"""px; below this there is nothing to read."""

MAX_DOCUMENT_PAGES = 60
"""Pages of one PDF or TIFF; a class set of sheets fits."""

PDF_DPI = 200
"""dots per inch a PDF page is rendered at; the OMR and OCR figures are measured there."""
