"""The shipped model against other implementations, graphs and runtimes: time, memory, deviations."""
