"""Job `homework_video_analysis` in one process: what the flow does, without the cloud."""

from functions.homework_video.whole import analyse_whole
from jobs.contract.video import VideoPayload, VideoResult
from jobs.workspace import Workspace


def run(payload: VideoPayload, workspace: Workspace) -> VideoResult:
    """Find the pages of a video and score the writing on each."""
    return analyse_whole(payload, workspace)
