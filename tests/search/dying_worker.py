"""A worker that the system kills each time it is asked."""

import os
import signal

print('"ready"', flush=True)  # noqa: T201
input()
os.kill(os.getpid(), signal.SIGKILL)
