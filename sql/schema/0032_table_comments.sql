-- What each table, column, index and constraint is for.

COMMENT ON TABLE audit.logs IS
  'The audit log: one row per event, one hash chain per tenant. INSERT only; every column but id is sealed';
COMMENT ON COLUMN audit.logs.id IS 'A generated number without meaning; gaps are harmless (rolled-back inserts)';
COMMENT ON COLUMN audit.logs.event_id IS 'evt_ and letters or digits; unique within the tenant';
COMMENT ON COLUMN audit.logs.sequence_number IS 'Place in the tenant''s chain, from 1 without gaps; set by the trigger';
COMMENT ON COLUMN audit.logs.timestamp IS 'When it was logged; set by the trigger, order is sequence_number''s';
COMMENT ON COLUMN audit.logs.event_type IS 'What happened, e.g. user.updated; audit.* is reserved';
COMMENT ON COLUMN audit.logs.tenant_id IS 'Whose chain the event belongs to';
COMMENT ON COLUMN audit.logs.actor_type IS 'What acted: user, service, ...';
COMMENT ON COLUMN audit.logs.actor_id IS 'Who acted (part identity)';
COMMENT ON COLUMN audit.logs.actor_email IS 'The actor''s address, or after an erasure a pseudonym (part identity)';
COMMENT ON COLUMN audit.logs.actor_ip_address IS 'Where the actor came from (part identity)';
COMMENT ON COLUMN audit.logs.resource_type IS 'What kind of thing was affected';
COMMENT ON COLUMN audit.logs.resource_id IS 'Which one; sealed in clear, cannot be erased';
COMMENT ON COLUMN audit.logs.endpoint IS 'The request''s path (part details)';
COMMENT ON COLUMN audit.logs.http_method IS 'The request''s method';
COMMENT ON COLUMN audit.logs.changes IS 'Delta: {field: {"old": ..., "new": ...}} (part changes)';
COMMENT ON COLUMN audit.logs.resource_before IS 'The resource before the event (part snapshots)';
COMMENT ON COLUMN audit.logs.resource_after IS 'The resource after the event (part snapshots)';
COMMENT ON COLUMN audit.logs.previous_hash IS 'event_hash of the predecessor; NULL for the first; set by the trigger';
COMMENT ON COLUMN audit.logs.event_hash IS 'The seal: lower-case hex SHA-256; set by the trigger';
COMMENT ON COLUMN audit.logs.request_id IS 'The request; sealed in clear, cannot be erased';
COMMENT ON COLUMN audit.logs.session_id IS 'The actor''s session (part identity)';
COMMENT ON COLUMN audit.logs.user_agent IS 'The actor''s program (part identity)';
COMMENT ON COLUMN audit.logs.metadata IS 'Anything else (part details)';
-- Nullable on purpose: the trigger always sets it, and an adopted table must not be scanned for it.
COMMENT ON COLUMN audit.logs.hash_version IS 'Which seal: 2, or 1 for events that the guide''s trigger made';
COMMENT ON COLUMN audit.logs.part_salts IS
  'Four random salts of 16 bytes: identity, changes, snapshots, details; zeros where the part was erased';
COMMENT ON COLUMN audit.logs.erased_parts IS
  'Digests of the parts that an authorised erasure removed, by name (version 1: "unsealed"); else NULL';

COMMENT ON CONSTRAINT event_id_format ON audit.logs IS 'evt_ and letters or digits, as in the guide';
COMMENT ON CONSTRAINT timestamp_range ON audit.logs IS
  'Years 1 to 9999: beyond, no client can hold the time and microseconds overflow';
COMMENT ON INDEX audit.logs_tenant_time_idx IS 'A tenant''s events by time';
COMMENT ON INDEX audit.logs_tenant_actor_idx IS 'A tenant''s events by actor';
COMMENT ON INDEX audit.logs_tenant_resource_idx IS 'A tenant''s events by resource: history, reconstruction';
COMMENT ON INDEX audit.logs_tenant_type_idx IS 'A tenant''s events by type; the audit.* events that vouch for removals';
DO $own_keys$
BEGIN
  IF current_setting('audit_install.layout') <> 'adopted' THEN -- there the guide's keys stand: 0036
    COMMENT ON CONSTRAINT logs_pkey ON audit.logs IS 'A sequence occurs once in its tenant';
    COMMENT ON INDEX audit.logs_pkey IS 'The chain in order: timeline, head, verification';
    COMMENT ON SEQUENCE audit.logs_id_seq IS 'Numbers for audit.logs.id';
  END IF;
END
$own_keys$;

COMMENT ON TABLE audit.chains IS
  'One row per tenant that writers lock while they append to its chain. No grants to anyone: an advisory lock '
  'could be held by any role that can connect';
COMMENT ON COLUMN audit.chains.tenant_id IS 'Whose chain';
COMMENT ON COLUMN audit.chains.holder IS 'The transaction that appended last';
COMMENT ON COLUMN audit.chains.since IS 'When that transaction began; tells it from another with the same number';
COMMENT ON CONSTRAINT chains_pkey ON audit.chains IS 'One row per tenant';
COMMENT ON INDEX audit.chains_pkey IS 'The row that a writer locks';

COMMENT ON TABLE audit.schema_info IS 'What this installation is; one row';
COMMENT ON COLUMN audit.schema_info.single IS 'Always true: there is one row';
COMMENT ON COLUMN audit.schema_info.version IS 'Version of the layout';
COMMENT ON COLUMN audit.schema_info.log_id IS 'Names this log: witnesses know a replaced log by it';
COMMENT ON COLUMN audit.schema_info.installed_at IS 'When the schema was first installed';
COMMENT ON COLUMN audit.schema_info.tool_version IS 'The audit-tui that installed this version';
COMMENT ON COLUMN audit.schema_info.options IS
  'How it was installed: layout (plain, partitioned, adopted), tenant_isolation, roles, ddl_trigger';
COMMENT ON COLUMN audit.schema_info.history IS
  'How it came to its version: one entry per install and upgrade, with steps, tool, login and time';
COMMENT ON CONSTRAINT schema_info_pkey ON audit.schema_info IS 'One row';
COMMENT ON CONSTRAINT schema_info_one_row ON audit.schema_info IS 'One row';
COMMENT ON INDEX audit.schema_info_pkey IS 'One row';
