"""The platforms that mapforge sends to, by name."""

from mapforge.platforms.base import Platform
from mapforge.platforms.klaviyo import KLAVIYO
from mapforge.platforms.omnisend import OMNISEND
from mapforge.platforms.shopify import SHOPIFY

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (KLAVIYO, OMNISEND, SHOPIFY)}
