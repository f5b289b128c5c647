"""What a hand does on a keyboard."""


def hold(page, key, times):
    """A key held down: one press and its repetitions, faster than any server answers."""
    keyboard = page.context.new_cdp_session(page)
    code = {"ArrowRight": 39, "ArrowLeft": 37}.get(key) or ord(key.upper())
    event = {"key": key, "code": key, "windowsVirtualKeyCode": code}
    for repetition in range(times):
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "autoRepeat": repetition > 0, **event})
        page.wait_for_timeout(30)  # as a keyboard repeats
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    keyboard.detach()
