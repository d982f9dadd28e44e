"""The same events in both schemas: of the shape and size that applications log, about 1.1 kB each."""

from typing import LiteralString

import psycopg

TENANT = "org_bench"
STEP = 50_000

# One statement for both: the columns named are those of the guide, each table's own trigger seals the rows.
_FILL: LiteralString = """
    INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, actor_email,
        actor_ip_address, resource_type, resource_id, endpoint, http_method, changes, resource_after,
        request_id, session_id, user_agent, metadata)
    SELECT 'evt_' || md5(n::text), (ARRAY['order.updated', 'user.updated', 'invoice.viewed'])[1 + n %% 3],
        %(tenant)s, 'user', 'usr_' || n %% 500, 'person' || n %% 500 || '@bench.example',
        ('10.' || n / 65536 %% 256 || '.' || n / 256 %% 256 || '.' || n %% 256)::inet, 'order',
        'ord_' || n %% 20000, '/v1/orgs/org_bench/orders/ord_' || n %% 20000, 'PATCH',
        jsonb_build_object('status', jsonb_build_object('old', 'open', 'new', 'state ' || n %% 7),
            'total', jsonb_build_object('old', n %% 997, 'new', n %% 991 + 0.5)),
        CASE WHEN n %% 3 = 0 THEN jsonb_build_object('id', 'ord_' || n %% 20000, 'status', 'open',
            'customer', jsonb_build_object('name', 'Customer number ' || n %% 300, 'country', 'DE'),
            'items', jsonb_build_array(
                jsonb_build_object('id', 1, 'sku', 'SKU-' || n %% 800, 'price', n %% 90 + 0.25, 'tags',
                    '["paper", "office"]'::jsonb),
                jsonb_build_object('id', 2, 'sku', 'SKU-' || n %% 801, 'price', n %% 70 + 0.75, 'tags',
                    '["kitchen"]'::jsonb))) END,
        'req_' || left(md5('r' || n), 12), 'ses_' || n / 40,
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0',
        jsonb_build_object('region', 'eu-west',
            'client', jsonb_build_object('app', 'web', 'build', n %% 4000))
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""


def fill_more(conn: psycopg.Connection, there: int, events: int, tenant: str = TENANT) -> None:
    """Logs that many events behind those that are `there`. Ids tell tenants apart."""
    with conn.transaction():
        conn.execute(
            _FILL.replace("md5(n::text)", "md5(%(tenant)s || n)"),  # type: ignore[arg-type]  # fixed texts
            {"tenant": tenant, "first": there + 1, "last": there + events},
        )


def fill(conn: psycopg.Connection, events: int) -> None:
    """Writes that many events of one tenant and makes the table ready to be measured."""
    for first in range(1, events + 1, STEP):
        last = min(first + STEP - 1, events)
        conn.execute(_FILL, {"tenant": TENANT, "first": first, "last": last})
        conn.commit()
    conn.autocommit = True
    conn.execute("VACUUM (ANALYZE, FREEZE) audit.logs")
    conn.autocommit = False
