"""Shopify: a customer's metafields, as the variables of the mutation `metafieldsSet`.

https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldsSet
"""

from __future__ import annotations

from mapforge.platforms import base

VERSION = "2026-07"

_MUTATION = """\
mutation set($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { field message code } }
}"""

_RIGHTS = "{ currentAppInstallation { accessScopes { handle } } }"
_HEADERS = {"x-shopify-access-token": "{secret}", "content-type": "application/json"}
_URL = f"https://{{shop}}/admin/api/{VERSION}/graphql.json"
_PAGES = f"https://shopify.dev/docs/api/admin-graphql/{VERSION}"

# One call saves all of its metafields or none, so customers do not share one: a bad value holds back its own alone.
_METAFIELDS = base.Endpoint(
    kind="metafields",
    request=base.Request(
        url=_URL,
        headers=_HEADERS,
        page=f"{_PAGES}/mutations/metafieldsSet",
    ),
    envelope={"metafields": base.Hole(base.METAFIELDS)},
    limits=base.Limits(body=10_000_000, properties=25, property_name=r"[A-Za-z0-9_-]{2,64}"),
    bulk=None,
    metafield={
        "ownerId": base.Hole(base.PROFILE_ID),
        "namespace": base.Hole(base.NAMESPACE),
        "key": base.Hole(base.NAME),
        "type": base.Hole(base.KIND),
        "value": base.Hole(base.VALUE),
    },
    mutation=_MUTATION,
)

SHOPIFY = base.Platform(
    name="shopify",
    title="Shopify",
    revision=VERSION,
    identifiers={"shopify_id": base.Identifier(None, most=255, rule="customer")},
    endpoints={"profile": _METAFIELDS},
    probe=base.Probe(
        request=base.Request(url=_URL, headers=_HEADERS, page=f"{_PAGES}/queries/currentAppInstallation"),
        member="data",
        needs=("write_customers",),
        query=_RIGHTS,
        listed=("data", "currentAppInstallation", "accessScopes"),
    ),
    options=("namespace",),
)
