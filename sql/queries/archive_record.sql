SELECT audit.record_archive(
    p_tenant_id => %(tenant)s, p_archive => %(archive)s, p_manifest => %(manifest)s,
    p_first => %(first)s, p_last => %(last)s, p_last_hash => %(last_hash)s, p_tree => %(tree)s,
    p_read_at => %(read_at)s, p_place => %(place)s, p_requester => %(requester)s, p_reason => %(reason)s,
    p_replaces => %(replaces)s);
