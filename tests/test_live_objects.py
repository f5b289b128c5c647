"""Who looks at what is alive disturbs nobody who computes meanwhile."""

from dataclasses import dataclass
from threading import Event, Thread

from live_objects import alive


class Plain:
    pass


class Heir(Plain):
    pass


@dataclass(frozen=True, slots=True)
class Slotted:
    content: object


def test_every_object_of_a_class_is_seen_and_nothing_else():
    there = [Plain(), Heir(), Slotted("one"), Slotted(Plain)]
    assert {id(o) for o in alive(Plain, Slotted)} == {id(o) for o in there}
    assert alive(Heir) == there[1:2]
    del there
    assert alive(Plain, Slotted) == []


def test_what_other_threads_are_making_is_left_alone():
    """With `gc.get_objects` all but the first few looks ended in a SystemError of such a thread."""
    troubles, looked = [], Event()

    def making():
        while not looked.is_set():
            try:
                tuple(i for i in range(20_000))
            except SystemError as error:
                troubles.append(error)

    threads = [Thread(target=making) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        alive(Plain)
    looked.set()
    for thread in threads:
        thread.join()
    assert troubles == []
