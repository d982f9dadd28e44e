"""Both verifiers, the client's and the one in SQL, on chains that were tampered with."""
