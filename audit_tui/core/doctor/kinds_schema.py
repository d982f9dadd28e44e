"""Checks of what an installation makes: table, triggers, functions, grants, rows."""

from audit_tui.core.doctor.kind import Kind
from audit_tui.core.doctor.model import Area, Weight

HIGH, MEDIUM, LOW = Weight.HIGH, Weight.MEDIUM, Weight.LOW

_TABLE = (
    Kind("schema-version", Area.TABLE, MEDIUM, "the version of the schema",
         "The schema is of the version that this audit-tui makes",
         "an older schema lacks protections that this one has; one of another version is not compared"),
    Kind("table-in-place", Area.TABLE, HIGH, "what stands in the place of audit.logs",
         "audit.logs is the table of the log",
         "who put it there decides what readers see and what becomes of new events"),
    Kind("table-unlogged", Area.TABLE, HIGH, "whether the tables are written to the write-ahead log",
         "Every table is written to the write-ahead log",
         "a crash empties an unlogged table: pulling the plug erases the log"),
    Kind("table-columns", Area.TABLE, HIGH, "the columns of the tables",
         "Every column is as it was installed",
         "a changed type, default or NOT NULL changes what is sealed, or lets rows in that no chain"
         " explains"),
    Kind("table-constraints", Area.TABLE, HIGH, "keys and CHECK constraints",
         "Every key and CHECK is there and valid",
         "without its key a sequence or an event_id can occur twice, and one row can hide behind another"),
    Kind("indexes-changed", Area.TABLE, MEDIUM, "whether the indexes are there",
         "Every index is there as it was installed",
         "without its index the sealing trigger searches the whole log: logging slows down until somebody"
         " switches it off"),
    Kind("indexes-invalid", Area.TABLE, HIGH, "whether the indexes are valid",
         "Every index is valid",
         "an invalid index is passed over and keeps nothing unique; one that lacks entries hides rows from"
         " whoever reads by it"),
    Kind("indexes-extra", Area.TABLE, MEDIUM, "indexes that the installation did not make",
         "There are no indexes but those of the installation",
         "an index over an expression runs its function at every event that is logged; a unique one can"
         " refuse"
         " events"),
    Kind("table-inheritance", Area.TABLE, HIGH, "parents and children of the tables",
         "No table inherits from the log, and the log inherits from none",
         "rows of a child appear in the log without ever having been sealed"),
    Kind("table-storage", Area.TABLE, LOW, "storage options, tablespace, access method and extension",
         "The tables are stored as they were installed",
         "another storage can keep less than the log promises; a dump leaves out what belongs to an"
         " extension"),
    Kind("strange-objects", Area.TABLE, MEDIUM, "tables, views, types and operators that nobody installed",
         "The schema holds nothing that the installation did not make",
         "what stands in this schema is taken for a part of the log, and its owner may change it at will"),
)  # fmt: skip

_TRIGGERS = (
    Kind("trigger-missing", Area.TRIGGERS, HIGH, "whether every trigger is there",
         "Every trigger is there",
         "without the sealing trigger events enter unsealed; without the others they can be changed or"
         " deleted"),
    Kind("trigger-disabled", Area.TRIGGERS, HIGH, "whether every trigger is enabled",
         "Every trigger is enabled",
         "what the trigger refuses or seals goes through as if there were no trigger"),
    Kind("trigger-mode", Area.TRIGGERS, HIGH, "in which mode the triggers fire",
         "Every trigger fires in the mode that it was installed with",
         "a trigger that fires only as ORIGIN or only as REPLICA is got round with"
         " session_replication_role; a"
         " sealing trigger that fires ALWAYS seals replicated and restored events anew"),
    Kind("trigger-changed", Area.TRIGGERS, HIGH, "what the triggers do and when",
         "Every trigger calls the function it was installed with, at its time",
         "a trigger with the right name that does something else protects nothing"),
    Kind("trigger-extra", Area.TRIGGERS, HIGH, "triggers that the installation did not make",
         "The tables have no other triggers",
         "a trigger of somebody else's sees every event, may change or drop it before it is sealed, and after"
         " it is sealed may change what is stored"),
    Kind("rule-extra", Area.TRIGGERS, HIGH, "rules on the tables",
         "No rule rewrites what is asked of the tables",
         "a rule can send events elsewhere, or nowhere, without an error and without a trigger firing"),
    Kind("event-trigger", Area.TRIGGERS, MEDIUM, "the event trigger that records DDL on the schema",
         "DDL on the schema is recorded",
         "triggers can be switched off and on again, functions replaced and put back, without a record"),
)  # fmt: skip

_FUNCTIONS = (
    Kind("function-missing", Area.FUNCTIONS, HIGH, "whether every function is there",
         "Every function is"
         " there", "what needs the function fails, or is done by something else in its place"),
    Kind("function-body", Area.FUNCTIONS, HIGH, "the body of every function, by its SHA-256",
         "Every function's body is the one that was installed",
         "a changed function can seal something else than what is stored, let changes through, or call every"
         " chain intact"),
    Kind("function-attributes", Area.FUNCTIONS, HIGH, "owner's rights, pinned settings and result of"
                                                      " functions",
         "Every function runs with the rights and settings that it was installed with",
         "a function that runs as its owner without a pinned search_path runs whatever its caller puts in the"
         " way, with the owner's rights"),
    Kind("function-extra", Area.FUNCTIONS, HIGH, "functions that the installation did not make",
         "The schema has no other functions",
         "another function in this schema can lend the owner's rights, or pass for one of the log's"),
    Kind("names-shadowed", Area.FUNCTIONS, HIGH, "functions and operators planted in front of the server's"
                                                 " own",
         "Nothing stands in front of the functions and operators that the log's code calls",
         "whoever calls sha256(), encode() or an operator without its schema runs the planted one: it can"
         " make"
         " any hash fit"),
    Kind("catalog-planted", Area.FUNCTIONS, HIGH, "objects that were added to pg_catalog, casts between"
                                                  " its types",
         "Nothing was added to pg_catalog",
         "pg_catalog comes first in every search path: what is planted there is run by every pinned"
         " function too"),
    Kind("builtins-changed", Area.FUNCTIONS, HIGH, "the server's own functions that the log's code calls",
         "The server's functions that the log's code calls are the server's own",
         "a replaced sha256() or encode() makes any hash fit, for the triggers and for verification in SQL"),
)  # fmt: skip

_GRANTS = (
    Kind("grants-schema", Area.GRANTS, MEDIUM, "rights on the schema",
         "Nobody else may use the schema or make objects in it",
         "whoever may create objects in the schema can plant functions and tables that pass for the log's"),
    Kind("grants-table", Area.GRANTS, HIGH, "rights on tables and columns, directly and through other roles",
         "Nobody has more rights on the tables than was installed",
         "the triggers are then all that stands between these roles and the events"),
    Kind("grants-sequence", Area.GRANTS, LOW, "rights on the sequence",
         "Nobody has rights on the sequence", "numbers can be used up until logging fails"),
    Kind("grants-function", Area.GRANTS, MEDIUM, "EXECUTE on functions, PUBLIC included",
         "Nobody may execute more than was installed",
         "functions that run as the owner do for anyone who may execute them what the owner may do"),
    Kind("grants-missing", Area.GRANTS, MEDIUM, "rights that the roles should have",
         "Every role has the rights that it was installed with",
         "events that cannot be logged are lost, and what cannot be read is not checked"),
    Kind("grants-default", Area.GRANTS, MEDIUM, "default privileges, which objects made later are born with",
         "No default privileges reach into the schema",
         "the next partition or function is born with rights that nobody granted it"),
)  # fmt: skip

_ROWS = (
    Kind("row-security", Area.ROWS, HIGH, "row-level security and its policies",
         "No policy hides events but those that were installed",
         "events that a policy hides are missing from every search and every check of the roles it applies"
         " to"),
    Kind("publication", Area.ROWS, MEDIUM, "publications that hand the log on",
         "No publication hands on a part of the log for the whole",
         "a publication with a row filter, fewer columns or fewer operations shows its subscribers another"
         " history"),
    Kind("subscription", Area.ROWS, MEDIUM, "subscriptions that write into the log",
         "No subscription writes into the log",
         "replicated rows enter as they come, unsealed by this server: whoever owns the publisher writes"
         " here"),
    Kind("partition-now", Area.ROWS, MEDIUM, "whether there are partitions for now and the coming time",
         "There are partitions for now and the coming time",
         "events go to the default partition, which then stands in the way of their month's own"),
    Kind("partition-default", Area.ROWS, MEDIUM, "whether the default partition is empty",
         "The default partition is empty",
         "archiving by partition does not reach these events"),
)  # fmt: skip

SCHEMA_KINDS = (*_TABLE, *_TRIGGERS, *_FUNCTIONS, *_GRANTS, *_ROWS)
