"""Every number of the protocol, each in one place with its reason. Seconds, bytes, counts."""

from jobs.contract.message import Tier

# --- time -------------------------------------------------------------------------------------
LEASE_MARGIN = 10.0
"""s added to the time an attempt has left: a Lambda cannot outlive its timeout, so a lease that
has run out proves its holder dead, with room for clock skew between hosts."""

DOWNLOAD_MARGIN = 15.0
"""s kept free of a download for analysis and for writing the result."""

RETRY_BASE = 5.0
RETRY_CAP = 600.0
"""s: a transient failure waits min(cap, base * 2**n) times a random share of a half to one."""

NOTIFY_CAP = 900.0
"""s between two deliveries to the API at most; SQS hides a message 12 h at most."""

UNAVAILABLE_MIN = 60.0
UNAVAILABLE_MAX = 900.0
"""s a copy of a job is delayed while a provider is down; 900 is the cap of SQS DelaySeconds."""

DUE = {Tier.PREMIUM: 4 * 3600.0, Tier.BASIC: 12 * 3600.0, Tier.LITE: 24 * 3600.0}
"""s after admission by which a job must have ended, or it fails with `deadline`."""

RESEND_SHARE = 1 / 8
"""Share of a tier's `DUE` after which the sweeper sends a job's message once more: premium half
an hour, basic 90 min, lite 3 h; a queue that is merely long is not doubled before that."""

UNNOTIFIED_AFTER = 900.0
"""s an ended job may wait for its delivery before the sweeper sends it to `notify` again."""

NOTIFY_RESEND_EVERY = 6 * 3600.0
"""s between two such messages for one job: the notify queue keeps the first one for days."""

API_TIMEOUT = (3.0, 20.0)
"""s to connect and to read from the academy's API."""

TEMPLATE_SECONDS = 300.0
"""How long a template of the API is used before it is asked for anew."""

SECRET_MAX_AGE = 300
"""s a secret is kept in memory; a rotated one is picked up within that time."""

ROW_TTL = 30 * 86400
"""s a row outlives its end, then DynamoDB removes it (students' data)."""

RESULT_URL_TTL = 3600
"""s a presigned link to a large result is good for."""

SWEEP_AGAIN = 300.0
"""s until a job that the sweeper failed to look at is looked at again, after those due before."""

SWEEP_MARGIN = 20.0
"""s of the sweeper's time in which it begins with no other job."""

# --- GPU drain --------------------------------------------------------------------------------
DRAIN_POLL = 20.0
"""s of one poll of the GPU queue, the longest SQS allows."""

DRAIN_EMPTY_POLLS = 5
"""Empty polls in a row after which the task ends: 100 s of a GPU for nothing."""

DRAIN_JOB = 120.0
"""s one job may take there, as long as the Lambda timeout of the same types."""

DRAIN_BEAT = 15.0
DRAIN_HIDDEN = 60.0
"""s between two heartbeats, and s a message stays hidden and a lease good after each: a spot
instance that is taken away holds its job up for a minute at most."""

DRAIN_GRACE = 90.0
"""s the job in hand may go on after SIGTERM before it is given back; ECS kills after 120."""

GPU_PATIENCE = 600.0
"""s a drain task may wait for a machine before its jobs go to the CPU; a boot takes 3-5 min."""

GPU_COOLING = 1800.0
"""s after a task that could not be started, or the last of several crashes, until the next try."""

GPU_CRASHES = 3
"""Drain tasks that ended badly within `GPU_COOLING` after which the CPU takes over."""

GPU_JOBS_PER_TASK = 100
"""Waiting jobs that are worth another drain task, as far as the deployment allows more than one."""

GPU_MOVES = 300
"""Jobs moved to the CPU in one look: well within the function's timeout."""

# --- pulling ----------------------------------------------------------------------------------
PULL_JOBS = 300
"""Jobs fetched in one run at most; the next run goes on."""

PULL_MARGIN = 20.0
"""s of a run in which nothing more is fetched: what was fetched last must find its queue."""

PULL_PAUSE = 0.5
"""s before a queue that took no job is tried again; doubled each time."""

# --- size -------------------------------------------------------------------------------------
INLINE_BYTES = 100_000
"""bytes of a payload or result kept in the row; a DynamoDB item holds 400 KB."""

NOTIFY_INLINE_BYTES = 5_000_000
"""bytes of a result posted to the API inline; a larger one goes as `result_url`."""

IMAGE_BYTES = 30_000_000
VIDEO_BYTES = 300_000_000
"""bytes of a download, counted as they arrive."""

PULL_BYTES = 1_000_000
"""bytes of one fetched job at most; an SQS message holds 1 MiB at most."""

MAX_REDIRECTS = 2

ERROR_MESSAGE_CHARS = 500
"""Characters of an error message kept in the row and told to the API."""

# --- counts -----------------------------------------------------------------------------------
WORK_MAX_RECEIVE = 5
INGRESS_MAX_RECEIVE = 10
NOTIFY_MAX_RECEIVE = 100

OPEN_SHARDS = 4
"""Partitions of the index of open jobs; each takes 1,000 writes/s."""

SWEEP_PAGE = 100
"""Rows the sweeper asks for per shard and query; it asks again while there is time."""
