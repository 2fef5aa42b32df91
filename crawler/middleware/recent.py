"""A bounded set of recently seen items."""

from collections import OrderedDict


class Recent:
    """The names that were met last; the one met longest ago is forgotten when there are too many."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._names: OrderedDict[str, None] = OrderedDict()

    def meet(self, name: str) -> bool:
        """Whether the name is remembered; from now on it is."""
        is_known = name in self._names
        self._names[name] = None
        self._names.move_to_end(name)
        if len(self._names) > self.size:
            self._names.popitem(last=False)
        return is_known
