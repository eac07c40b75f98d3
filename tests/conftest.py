"""No test reaches a real account: the region is fixed and there are no credentials."""

import os

os.environ["AWS_DEFAULT_REGION"] = "ap-northeast-2"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
