"""``python -m argus`` is the command line."""

import sys

from argus.cli import main

sys.exit(main())
