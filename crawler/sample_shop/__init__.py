"""The sample shop: a small invented Thai web market, crawled by the demo and by tests.

Every brand, seller, telephone and licence number in it is made up.
"""

from crawler.sample_shop.catalogue import SampleProduct, products, registry_path
from crawler.sample_shop.server import RunningShop, serve
from crawler.sample_shop.site import render

__all__ = ["RunningShop", "SampleProduct", "products", "registry_path", "render", "serve"]
