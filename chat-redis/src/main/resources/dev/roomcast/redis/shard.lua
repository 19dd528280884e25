-- The first part of every script in a cluster. There, keys that are in another slot than the first are not given.
local PUBLISH = 'SPUBLISH'
