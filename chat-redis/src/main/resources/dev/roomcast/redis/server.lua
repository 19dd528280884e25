-- The first part of every script on one server.
local PUBLISH = 'PUBLISH'
