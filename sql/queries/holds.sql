-- Every hold that was ever placed in a tenant that this role sees.
SELECT h.hold, h.tenant_id::text, h.actor_id, h.resource_type, h.resource_id, h.reason, h.placed_by::text,
       h.placed_at, h.placed_sequence, h.active, h.released_by::text, h.released_at, h.release_reason
  FROM audit.list_holds() AS h;
