"""`python -m yulan` is the command `yulan`."""

import sys

from yulan.site.cli import main

sys.exit(main())
