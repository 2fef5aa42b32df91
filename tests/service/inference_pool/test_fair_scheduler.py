from service.inference_pool.fair_scheduler import PIECE, FairScheduler, Place


class Model:
    """A model that reads window by window in order, and records whose."""

    def __init__(self) -> None:
        self.order: FairScheduler[str] = FairScheduler()
        self.windows: dict[str, list[int]] = {}
        self.left: dict[str, int] = {}
        self.read: list[str] = []

    def send(self, name: str, *windows: int, costs: list[int] | None = None) -> None:
        self.windows[name] = list(windows)
        self.left[name] = len(windows)
        self.order.enter(name, costs or list(windows))

    def window(self) -> Place[str]:
        place = self.order.take()
        sharing = len(self.left)
        self.read.append(f"{place.request}{place.number}")
        if place.read + 1 < self.windows[place.request][place.number]:
            self.order.rest(place, sharing)
        else:
            self.order.end(place, sharing)
            self.left[place.request] -= 1
            if not self.left[place.request]:
                del self.left[place.request]
        return place

    def finish(self, name: str) -> None:
        while name in self.left:
            self.window()

    def listings(self) -> list[str]:
        """Whose listing was read, each run of windows once."""
        return [name for at, name in enumerate(self.read) if not at or self.read[at - 1] != name]


def test_single_listings_are_read_as_they_came_whatever_their_length() -> None:
    model = Model()
    lengths = {"a": 1, "b": 6, "c": 2, "d": 1, "e": 4}
    for name, windows in lengths.items():
        model.send(name, windows)
        if name == "b":
            model.window()  # some come while others are read
    while model.order:
        model.window()
    assert model.read == [f"{name}0" for name, windows in lengths.items() for _ in range(windows)]


def test_many_listings_hold_up_a_later_one_by_the_listing_in_hand() -> None:
    model = Model()
    model.send("many", *[3] * 100)
    for _ in range(31):
        model.window()
    model.send("lone", 2)
    model.finish("lone")
    assert model.read[30:] == ["many10"] * 3 + ["lone0"] * 2


def test_many_listings_get_their_share_while_others_keep_coming() -> None:
    model = Model()
    model.send("many", *[2] * 20)
    for n in range(400):
        model.send(f"one{n}.", 2)
        while len(model.left) > 4:
            model.window()
    # Five shared the model all the while: a fifth of what was read first is theirs.
    many = [name for name in model.listings()[:75] if name.startswith("many")]
    assert 13 <= len(many) <= 17
    assert "many19" in model.read


def test_long_listings_of_one_request_take_no_more_than_short_ones_of_another() -> None:
    model = Model()
    model.send("long", *[6] * 40)
    model.send("short", *[1] * 240)
    for _ in range(240):
        model.window()
    assert 110 <= sum(name.startswith("long") for name in model.read) <= 130


def test_a_book_is_read_piece_by_piece() -> None:
    model = Model()
    model.send("book", 400)
    model.window()
    for name in ("a", "b"):
        model.send(name, 2)
    model.finish("b")
    assert model.read == ["book0"] * PIECE + ["a0"] * 2 + ["b0"] * 2
    model.finish("book")
    assert model.read.count("book0") == 400


def test_a_wrong_guess_at_lengths_does_not_let_many_get_ahead() -> None:
    model = Model()
    model.send("many", *[5] * 50, costs=[1] * 50)
    for _ in range(151):
        model.window()
    model.send("lone", 1)
    model.finish("lone")
    assert model.listings()[-2:] == ["many30", "lone0"]


def test_who_leaves_is_not_read() -> None:
    model = Model()
    for name in ("a", "b", "c"):
        model.send(name, 3, 3)
    model.window()
    model.order.leave("a")
    model.order.leave("c")
    assert model.window().request == "b"
    model.order.leave("b")
    assert not model.order


def test_what_was_read_while_lanes_were_idle_is_not_held_against_a_request() -> None:
    order: FairScheduler[str] = FairScheduler()
    order.enter("book", [100])
    order.take()  # keeps one lane busy and counts among those who share
    order.enter("many", [1] * 40)
    for _ in range(20):
        order.end(order.take(), sharing=2)
    order.enter("later", [1] * 40)
    read = []
    for _ in range(10):
        place = order.take()
        read.append(place.request)
        order.end(place, sharing=3)
    assert read == ["later", "many"] * 5
