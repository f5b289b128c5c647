"""One module a format that is read; `ketadash.files.formats.registry` lists them."""
