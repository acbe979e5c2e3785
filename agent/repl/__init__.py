"""The REPL of `sayso`: an article is opened or pasted, looked at, judged, made into gold."""
