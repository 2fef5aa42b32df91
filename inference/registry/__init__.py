"""Licence registers: lookup, snapshots, the folder of snapshots."""
