from crawler.middleware.recent import Recent


def test_the_one_met_longest_ago_is_forgotten() -> None:
    recent = Recent(2)
    assert [recent.meet(x) for x in "aabacb"] == [False, True, False, True, False, False]
