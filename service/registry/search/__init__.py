"""The official search service behind an interface, queried only by ``ruthan registry fetch``.

Nothing that answers a request may import this package: the service takes seconds to minutes per answer.
"""
