-- Stand-ins for the two functions of pgcrypto that the guide calls, where the extension is not available.
-- Same results: SHA-256 of a text, and unpredictable bytes (122 random bits in each 16).

CREATE OR REPLACE FUNCTION digest(data text, type text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE lower(type)
    WHEN 'sha224' THEN sha224(convert_to(data, getdatabaseencoding()))
    WHEN 'sha256' THEN sha256(convert_to(data, getdatabaseencoding()))
    WHEN 'sha384' THEN sha384(convert_to(data, getdatabaseencoding()))
    WHEN 'sha512' THEN sha512(convert_to(data, getdatabaseencoding()))
  END
$$;

CREATE OR REPLACE FUNCTION gen_random_bytes(count integer) RETURNS bytea
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS $$
  SELECT substring(string_agg(uuid_send(gen_random_uuid()), ''::bytea) FROM 1 FOR count)
  FROM generate_series(1, (count + 15) / 16)
$$;
