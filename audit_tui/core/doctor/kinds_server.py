"""Checks of what surrounds the schema: roles, settings of the server, time."""

from audit_tui.core.doctor.kind import Kind
from audit_tui.core.doctor.model import Area, Weight

HIGH, MEDIUM, LOW, NOTICE = Weight.HIGH, Weight.MEDIUM, Weight.LOW, Weight.NOTICE

_ROLES = (
    Kind("owner-login", Area.ROLES, HIGH, "whether anyone can log in as the owner",
         "Nobody can log in as the owner",
         "whoever logs in as the owner can switch every trigger off, change events and switch them on again"),
    Kind("owner-attributes", Area.ROLES, HIGH, "further powers of the owner role",
         "The owner has no powers but over its objects",
         "functions that run with the owner's rights run with these powers too"),
    Kind("owner-members", Area.ROLES, HIGH, "members of the owner role",
         "Nobody is a member of the owner role",
         "a member can act as the owner: switch triggers off, write reserved events, import history"),
    Kind("owner-of-objects", Area.ROLES, HIGH, "who owns each object of the schema",
         "Every object belongs to the owner role",
         "the owner of an object may change it as they like, whatever was granted"),
    Kind("owner-lends", Area.ROLES, HIGH, "functions and views elsewhere that run with the owner's rights",
         "Nothing outside the schema runs with the owner's rights",
         "whoever may call the function does what only the owner may, and can switch a trigger off; through"
         " the view they read and insert what nobody granted them"),
    Kind("role-attributes", Area.ROLES, HIGH, "attributes of the roles audit_*",
         "No audit role has powers beyond its grants",
         "every member of the role has these powers too, or logs in under a name that is nobody's"),
    Kind("role-nested", Area.ROLES, HIGH, "roles that the audit roles are members of",
         "No audit role is a member of a role that widens its rights",
         "the role can do more than its name says, and so can everyone in it"),
    Kind("role-missing", Area.ROLES, LOW, "whether the audit roles are there",
         "Every audit role is there",
         "whoever creates the missing role gives its members the rights of the next installation"),
    Kind("role-powers", Area.ROLES, NOTICE, "roles that stand above every protection",
         "No role stands above the protections",
         "they can change events and leave no trace in the log; only a witness kept elsewhere shows it"),
    Kind("role-members", Area.ROLES, NOTICE, "who may log, read, erase and archive",
         "Nobody is a member of the audit roles yet",
         "look whether each of these is meant to"),
)  # fmt: skip

_SETTINGS = (
    Kind("fsync", Area.SETTINGS, HIGH, "fsync", "fsync is on",
         "a power cut, or whoever pulls the plug, takes back events that were reported as logged"),
    Kind("full-page-writes", Area.SETTINGS, HIGH, "full_page_writes", "full_page_writes is on",
         "a crash can leave half-written pages: events that no one can read again"),
    Kind("damage-ignored", Area.SETTINGS, HIGH, "zero_damaged_pages and ignore_checksum_failure",
         "Damaged pages are reported",
         "events on a damaged page vanish, or come back changed, without an error"),
    Kind("replication-role", Area.SETTINGS, HIGH, "session_replication_role as sessions begin with it",
         "Every session fires the sealing triggers",
         "sessions that begin as replica log events that are never sealed"),
    Kind("catalog-writable", Area.SETTINGS, MEDIUM, "allow_system_table_mods", "The system's tables are"
                                                                               " protected",
         "a superuser's slip can change the catalogue itself"),
    Kind("preloaded", Area.SETTINGS, MEDIUM, "libraries that sessions of a role or database load",
         "No role or database loads libraries of its own",
         "a library runs inside the server and can do anything to it"),
    Kind("event-triggers-off", Area.SETTINGS, MEDIUM, "event_triggers", "Event triggers fire",
         "DDL on the schema is not recorded while they are switched off"),
    Kind("trust", Area.SETTINGS, HIGH, "who is let in without proof of who they are",
         "Nobody is let in without proof of who they are",
         "anyone who reaches the server logs in as whom they like, as a superuser too"),
    Kind("checksums", Area.SETTINGS, NOTICE, "data checksums", "Data checksums are on",
         "a file that was edited on disk is not noticed by the server; verification notices events only"),
    Kind("commit-timestamps", Area.SETTINGS, NOTICE, "track_commit_timestamp", "Commit timestamps are kept",
         "the server cannot tell when a suspicious row was really written"),
    Kind("ddl-log", Area.SETTINGS, NOTICE, "log_statement", "The server's log holds DDL",
         "the server's own log does not tell who switched a trigger off"),
    Kind("wal-level", Area.SETTINGS, NOTICE, "wal_level", "The write-ahead log can feed replicas and"
                                                          " archives",
         "no replica and no archived write-ahead log can tell another story than this server"),
    Kind("synchronous-commit", Area.SETTINGS, NOTICE, "synchronous_commit", "A commit waits for the disk",
         "a crash loses the last events that were reported as logged"),
    Kind("encryption", Area.SETTINGS, NOTICE, "ssl", "Connections over the network are encrypted",
         "events, and passwords of some kinds, cross the network in clear"),
)  # fmt: skip

_TIME = (
    Kind("clock", Area.TIME, MEDIUM, "the server's clock against this machine's",
         "The server's clock agrees with this machine's",
         "every event bears the server's time: whoever moves its clock back- or forward-dates events"),
    Kind("zones", Area.TIME, LOW, "time zones of the database and its roles",
         "Time zones are no matter: what is sealed here is in UTC",
         "an untouched log looks tampered with when it is checked from another time zone"),
)  # fmt: skip

SERVER_KINDS = (*_ROLES, *_SETTINGS, *_TIME)
