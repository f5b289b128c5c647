"""A proxy on this computer that is as far away as a server in another town: every packet takes 50 to 150 ms."""

import asyncio
import random
import threading
from contextlib import contextmanager, suppress

from waiting import HANG_S

NEAR_S, FAR_S = 0.05, 0.15


@contextmanager
def delayed(address: str, seed: int = 1):
    """The address of a proxy before `address`; packets keep their order, whatever each of them takes."""
    host, port = address.removeprefix("http://").split(":")
    loop, ready, found, by = asyncio.new_event_loop(), threading.Event(), [], random.Random(seed)

    async def passed(reader, writer):
        due: asyncio.Queue = asyncio.Queue()

        async def deliver():
            while True:
                when, data = await due.get()
                await asyncio.sleep(max(0.0, when - loop.time()))
                if not data:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            while data := await reader.read(65536):
                due.put_nowait((loop.time() + by.uniform(NEAR_S, FAR_S), data))
        except ConnectionError:
            pass
        due.put_nowait((0.0, b""))
        with suppress(ConnectionError, OSError):
            await delivering

    async def connected(reader, writer):
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(passed(reader, back), passed(there, writer))
        for one in (back, writer):
            one.close()

    async def main():
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        found.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await server.serve_forever()

    def run():
        task = loop.create_task(main())
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.sleep(0))

    stop: list = []
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(HANG_S)
    try:
        yield f"http://127.0.0.1:{found[0]}"
    finally:
        stop[0]()
        thread.join(HANG_S)
