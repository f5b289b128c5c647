"""``python -m ketadash``: the command line, also where the `ketadash` command is not on the path."""

import sys

from ketadash.cli import main

if __name__ == "__main__":
    sys.exit(main())
