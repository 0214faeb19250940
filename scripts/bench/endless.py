"""Settings of a server that is measured: requests are counted and none is refused.

No person asks this fast, and a refusal would be measured in the place of an answer.
"""

from kbsite.settings.development import *

RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "1000000/m")
