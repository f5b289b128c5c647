"""One HTML file with every toggle: the questions' own words, tables and figures in each state, without a server.

`states` says which states a file holds, `content` makes what a page says in each (once for states that it cannot tell
apart, by `watched_spec`; each text once, by `made`), `state_workers` goes through them in worker processes, `pool`
keeps each part once, and `document` puts it all into one file, which `supplement.js` shows.
"""
