"""A bounded set of recently seen items."""

from collections import OrderedDict


class Recent:
    """A bounded set of names that drops the least recently seen one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._names: OrderedDict[str, None] = OrderedDict()

    def meet(self, name: str) -> bool:
        """Remember the name; return whether it was known before."""
        is_known = name in self._names
        self._names[name] = None
        self._names.move_to_end(name)
        if len(self._names) > self.size:
            self._names.popitem(last=False)
        return is_known
