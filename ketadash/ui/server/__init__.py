"""The server in front of the pages: start-up, headers, sign-in, health, logs."""
