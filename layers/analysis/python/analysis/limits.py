"""What an input may be before any pixel is allocated, each with its reason."""

MAX_PIXELS = 50_000_000
"""px; a 48 MP phone photo passes, a decompression bomb does not (150 MB as BGR)."""

MAX_SIDE = 20_000
"""px; longer sides come from bombs and stitched screenshots."""

MIN_SIDE = 16
"""px; below this there is nothing to read."""

MAX_JPEG_SCANS = 100
"""Scans in one file: a progressive photo has about ten, and each costs a pass over all pixels."""

MAX_TIFF_VALUES = 300_000
"""Numbers in one TIFF tag: tile offsets of the largest picture fit; each becomes an object."""

MAX_DOCUMENT_PAGES = 60
"""Pages of one PDF or TIFF; a class set of sheets fits."""

PDF_DPI = 200
"""dots per inch a PDF page is rendered at; the OMR and OCR figures are measured there."""

PDF_BYTES = 900_000_000
"""bytes of address space the PDF renderer gets: a 50 MP page (200 MB), its largest picture
(200 MB decoded), fonts and code, with room."""

PDF_CPU_SECONDS = 30
"""s of processor time for one PDF; 60 scanned pages of A4 at 300 dpi take about 7."""
