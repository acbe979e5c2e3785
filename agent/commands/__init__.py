"""The commands of `sayso`, one file each; cli.py puts them together."""
