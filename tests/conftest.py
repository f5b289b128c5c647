"""What holds for the whole suite: how Hypothesis tries, and how tests are dealt out to processes."""

import os

from hypothesis import HealthCheck, settings

# The only profile: no deadline and no complaint of slowness, since a busy machine is no fault of the code; the same
# examples each time in CI.
settings.register_profile(
    "ketadash",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ketadash")
