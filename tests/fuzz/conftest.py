"""What the fuzzing begins from lies beside the tests of reading."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "trial"))
