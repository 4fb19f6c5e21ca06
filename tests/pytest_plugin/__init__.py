"""pytester forgets what its runs import: what both they and other tests use is imported before.

httpx looks for httpcore at its first request, and would take exceptions of a second copy for unknown ones.
"""

import httpcore as httpcore

from pytest_tollbooth import servers as servers
