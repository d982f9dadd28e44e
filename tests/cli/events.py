"""What was logged in the logs that the commands are tried on."""

import psycopg

HOSTILE = "\x1b[2J\x1b]0;owned\x07 [/nope] :lock: \u202eevil"

_LOG = """
SELECT audit.log_event(
  p_event_type := %(type)s, p_tenant_id := %(tenant)s, p_actor_type := 'user', p_actor_id := %(actor)s,
  p_actor_email := 'admin@example.com', p_actor_ip_address := '192.168.1.100'::inet,
  p_resource_type := %(kind)s, p_resource_id := %(key)s, p_endpoint := '/v1', p_http_method := 'PATCH',
  p_changes := %(changes)s::jsonb, p_resource_before := NULL, p_resource_after := %(after)s::jsonb,
  p_request_id := NULL, p_session_id := NULL, p_user_agent := %(agent)s, p_metadata := %(metadata)s::jsonb)
"""


def log_event(connection: psycopg.Connection, tenant: str, **told: str | None) -> None:
    """Logs one event through the schema's own function, in a transaction of its own (a guide's clock)."""
    plain: dict[str, str | None] = {
        "type": "user.viewed", "tenant": tenant, "actor": "usr_admin123", "kind": "user", "key": "usr_456",
        "changes": None, "after": None, "agent": "curl/8", "metadata": None,
    }  # fmt: skip
    connection.execute(_LOG, plain | told)
    connection.commit()


def log_events(connection: psycopg.Connection, tenant: str, count: int) -> None:
    """Logs that many events of a few types."""
    for number in range(count):
        log_event(
            connection,
            tenant,
            type=("auth.login", "auth.login_failed", "invoice.viewed")[number % 3],
            key=f"usr_{number % 4}",
            metadata='{"price": 1.10, "big": 12345678901234567890}',
        )


def log_story(connection: psycopg.Connection) -> None:
    """The guide's three examples (usr_456 created first), a hostile value, and a second tenant."""
    tenant = "org_xyz789"
    member = '{"id": "usr_456", "role": "member", "tags": ["a", "b"], "settings": {"theme": "light"}}'
    log_event(connection, tenant, type="user.created", after=member)
    log_event(connection, tenant, type="user.updated", changes='{"role": {"old": "member", "new": "admin"}}')
    log_event(connection, tenant, type="user.created", key="usr_789", after='{"id": "usr_789"}')
    log_event(connection, tenant, type="payment_methods.viewed", metadata='{"payment_method_count": 2}')
    log_event(connection, tenant, key="with/a/slash", actor="usr_evil", agent=HOSTILE)
    log_events(connection, "org_acme", 30)
