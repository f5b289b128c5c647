"""`ketadash app` in a process that says, asked on standard input, what of a trial is alive in it.

    python watched_server.py PORT

``mark`` begins, ``look`` watches what has come since, ``left`` counts what of that is there still, each a line of JSON
on standard output.  A closed page is kept for two seconds instead of a minute.  After ``stick`` no model comes to its
end by itself; ``stuck`` says how many computations are under way.
"""

import json
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from live_objects import Watch

from ketadash.core.errors import stop_point
from ketadash.stats import glmm
from ketadash.ui.server import serve
from ketadash.ui.server.streamlit_seams import sessions

stuck = []


def endless(*_):
    """A step of a model that is as long as its reader waits."""
    stuck.append(1)
    try:
        while True:
            stop_point()
            threading.Event().wait(0.01)
    finally:
        stuck.pop()


def obey(out):
    watch = None
    for line in sys.stdin:
        word = line.strip()
        if word == "mark":
            watch, said = Watch(), {}
        elif word == "look":
            said = watch.look()
        elif word == "sessions":
            said = sessions.open_sessions()
        elif word == "stick":
            glmm.newton_step, said = endless, {}
        elif word == "stuck":
            said = len(stuck)
        elif word == "holders":
            said = watch.holders()
        else:
            said = watch.left()
        print(json.dumps(said), file=out, flush=True)


if __name__ == "__main__":
    serve.RECONNECT_S = 2
    answers = os.fdopen(os.dup(1), "w")  # the server's own lines go elsewhere
    threading.Thread(target=obey, args=(answers,), daemon=True).start()
    serve.serve(int(sys.argv[1]), open_browser=False)
