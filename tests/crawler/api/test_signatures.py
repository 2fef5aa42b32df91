"""Signatures against values that were computed apart: ``printf %s TEXT | openssl dgst -sha256 -hmac KEY``."""

from crawler.api.signatures import lazada_signature, shopee_signature, tiktok_shop_signature

KEY = "fictitious-key"


def test_shopee_signs_partner_path_time_and_for_a_shop_its_token_and_id() -> None:
    # 2001/api/v2/product/get_item_list1790000000token600001
    path = "/api/v2/product/get_item_list"
    assert (
        shopee_signature(KEY, "2001", path, 1_790_000_000, "token", "600001")
        == "38747451bd44d8e0be4892643b6b46b8870b6088a972db9db78902e5fc7d67af"
    )
    # 2001/api/v2/auth/access_token/get1790000000
    assert (
        shopee_signature(KEY, "2001", "/api/v2/auth/access_token/get", 1_790_000_000)
        == "5d09454123bfdcb2cdef3b01a865cc1b6579651453e0dcefaa8e4576fbfefee4"
    )


def test_lazada_signs_path_and_sorted_parameters_in_capitals() -> None:
    # /products/getapp_key1filterliveoffset0timestamp2
    params = {"offset": "0", "app_key": "1", "timestamp": "2", "filter": "live"}
    assert (
        lazada_signature(KEY, "/products/get", params)
        == "35ECA2090DCF1714DD79956952C4C4316FADDE19151DDDD60B5BF6D297FDFE75"
    )


def test_tiktok_shop_signs_path_parameters_and_body_between_the_secret() -> None:
    # KEY/product/202502/products/searchapp_key1page_tokentimestamp2{"status":"ACTIVATE"}KEY
    params = {"timestamp": "2", "app_key": "1", "sign": "no", "access_token": "no", "page_token": ""}
    body = b'{"status":"ACTIVATE"}'
    assert (
        tiktok_shop_signature(KEY, "/product/202502/products/search", params, body)
        == "c02a5a850c8222a2f6754d0f9abbd2e8378b23308f3398f83438c968f296b265"
    )
