-- The nodes on which a user has a connected session.
-- KEYS places
return connected_nodes(KEYS[1])
