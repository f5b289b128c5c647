"""The choices that have members of their own: one file a member, and a registry for each kind."""
