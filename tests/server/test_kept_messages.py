"""A page that asks while runs are under way is never sent the mere name of something that it has dropped."""

import random

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import create_reference_msg, populate_hash_if_needed

from ketadash.ui.server import kept_messages
from ketadash.ui.server.kept_messages import KeptMessages
from ketadash.ui.server.streamlit_seams import messages


def picture(text: str) -> ForwardMsg:
    """A message as large as those that a page keeps."""
    message = ForwardMsg()
    message.delta.new_element.markdown.body = text * 20_000
    message.metadata.delta_path.append(0)
    populate_hash_if_needed(message)
    assert message.metadata.cacheable
    return message


PICTURES = {letter: picture(letter) for letter in "abcdefghijklmnopqrstuvwxyz"}
END = ForwardMsg()
END.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY


class Page:
    """What Streamlit's page does with what it keeps (its ForwardMessageCache)."""

    def __init__(self, kept_runs: int):
        self.kept_runs, self.runs, self.used = kept_runs, 0, {}
        self.dead = False

    def take(self, sent: bytes):
        message = ForwardMsg()
        message.ParseFromString(sent)
        if message.WhichOneof("type") == "script_finished":
            self.runs += 1
            self.used = {name: run for name, run in self.used.items() if self.runs - run <= self.kept_runs}
        elif message.WhichOneof("type") == "ref_hash":
            self.dead = self.dead or message.ref_hash not in self.used
            self.used[message.ref_hash] = self.runs
        else:
            self.used[message.hash] = self.runs


def talked(seed: int, kept_runs: int, believe) -> tuple[Page, int]:
    """A page whose key is held down: each run draws three pictures, asked for up to three runs before it begins."""
    draw, page, kept, names = random.Random(seed), Page(kept_runs), KeptMessages(), 0
    asked = [[]]
    for step in range(300):
        stop = abs(step % 40 - 20)  # there and back again
        believed = asked.pop(0)
        for letter in ("a", "bcdefghijklmnopqrstuvwxyz"[stop], draw.choice("xyz")):
            message = PICTURES[letter]
            named = message.hash in believed
            names += named
            sent = (create_reference_msg(message) if named else message).SerializeToString()
            kept.note_sent(sent)
            page.take(sent)
        while len(asked) < draw.randint(1, 3):
            asked.append(believe(kept, list(page.used)))
        kept.note_sent(END.SerializeToString())
        page.take(END.SerializeToString())
    return page, names


@pytest.mark.parametrize("seed", range(5))
def test_no_page_is_sent_the_name_of_what_it_has_dropped(seed):
    page, names = talked(seed, kept_messages.KEPT_RUNS, KeptMessages.believed)
    assert not page.dead and names > 300  # what is on screen all the time is named, not sent again


def test_a_page_that_is_believed_whatever_it_says_dies():
    assert all(talked(seed, 2, lambda kept, claimed: claimed)[0].dead for seed in range(5))


def test_a_page_that_comes_back_on_a_new_connection_is_sent_all():
    assert KeptMessages().believed([PICTURES["a"].hash]) == []


def test_names_and_ends_are_read_off_streamlits_own_messages():
    message = PICTURES["a"]
    assert messages.name_of_message(message.SerializeToString()) == message.hash
    assert messages.name_of_message(create_reference_msg(message).SerializeToString()) == message.hash
    assert messages.ends_run(END.SerializeToString())
    small = ForwardMsg()
    small.delta.new_element.markdown.body = "small"
    populate_hash_if_needed(small)
    for other in (small.SerializeToString(), b"", b"\n", b"\xff" * 40, bytes(10**4)):
        assert messages.name_of_message(other) is None and not messages.ends_run(other)
