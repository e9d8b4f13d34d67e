package io.faultline.cli.chaos;

import io.faultline.proto.wire.Role;

/** Which connection of a migration one is. */
record ConnectionRole(Role role, int attempt) {}
