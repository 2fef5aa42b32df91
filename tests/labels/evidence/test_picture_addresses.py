from labels.evidence.picture_addresses import address_key, path_key


def test_thai_names_of_old_shops_in_tis_620_stay_apart() -> None:
    one, other = (f"http://shop.example/{name}.jpg" for name in ("%A4%C3", "%A1%A2"))
    for key in (address_key, path_key):
        assert key(one) != key(other)
        assert key(one) == key(one.replace("%A4", "%a4"))
        assert key("http://shop.example/%E0%B8%81.jpg") == key("http://shop.example/ก.jpg")
