"""The official search service behind an interface, asked by ``ruthan registry fetch`` alone.

Nothing that answers a request may import this package: the service takes seconds to minutes an answer.
"""
