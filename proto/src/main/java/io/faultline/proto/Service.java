package io.faultline.proto;

import io.faultline.proto.wire.Role;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is for: its two roles, and what its sides are called in messages. The client
 * connects and sends the first hello; the server listens and answers it.
 */
public enum Service {
  /** A VM moves from the client, its source, to the server, its destination. */
  MIGRATION(Role.ROLE_CONTROL, Role.ROLE_BULK, "source", "destination"),
  /** The client, where a process is restored, reads memory from the server, where it is frozen. */
  PROCESS_MEMORY(Role.ROLE_MEMORY, Role.ROLE_MEMORY_BULK, "client", "page source");

  private final Role control;
  private final Role bulk;
  private final String client;
  private final String server;

  Service(Role control, Role bulk, String client, String server) {
    this.control = control;
    this.bulk = bulk;
    this.client = client;
    this.server = server;
  }

  /** The service of a role; null if the role is unknown. */
  public static @Nullable Service of(Role role) {
    for (Service each : values()) {
      if (each.control == role || each.bulk == role) {
        return each;
      }
    }
    return null;
  }

  /** The role of the control connection. */
  public Role control() {
    return control;
  }

  /** The role of the bulk connections. */
  public Role bulk() {
    return bulk;
  }

  /** The connecting side, for messages. */
  public String client() {
    return client;
  }

  /** The listening side, for messages. */
  public String server() {
    return server;
  }
}
