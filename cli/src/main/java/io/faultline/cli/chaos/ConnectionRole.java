package io.faultline.cli.chaos;

import io.faultline.proto.wire.Role;

/** The role of a connection, and the connection attempt that it belongs to. */
record ConnectionRole(Role role, int attempt) {}
