"""Many articles: read in from files, run through the engine, written out in their order."""
