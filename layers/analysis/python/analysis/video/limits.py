"""What a video may be before a frame is decoded, and the numbers extraction works with."""

MAX_WIDTH = 4096
MAX_HEIGHT = 2304
"""px, in either orientation: 4K. An 8K frame alone takes 50 MB decoded."""

OPEN_BYTES = 400_000_000
"""bytes opening may take: the index of an hour takes a tenth; FFmpeg's AVI reader allocates
whatever a chunk of the header declares."""

MIN_SIDE = 320
"""px of the shorter side; below this no print can be read."""

MAX_SECONDS = 3600.0
"""s; a workbook is filmed in minutes, and four hours would cost as much as 24 such videos."""

MAX_PACKETS = 500_000
"""Frames of one hour at 120 fps, with room."""

SAMPLE_STEP = 0.2
"""s between samples, on a grid fixed to the video's clock: the shortest hold wanted is 0.6 s, and
the same samples are taken wherever a segment begins."""

LEAD_IN = 1.0
"""s decoded before a segment so that its first sample has a predecessor."""

KEPT_LONG_SIDE = 2560
"""px; a larger picture of a page is reduced to this."""

JPEG_QUALITY = 88
"""Of kept pages; type and pencil survive it (90-250 kB at 720p and 1080p)."""

FAST_SECONDS = 0.25
FAST_MAX_GOP = 1.1
"""s decoded of each group of pictures in fast mode, and the longest group that allows it: a page
must be seen at least twice, so the mode fits phones (a key frame a second) and slow turning."""

LOW_LIGHT = 45.0
"""Mean grey level of a page's picture below which `low_light` is said."""
