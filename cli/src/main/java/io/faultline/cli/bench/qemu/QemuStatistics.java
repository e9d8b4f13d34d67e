package io.faultline.cli.bench.qemu;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * The replies of both QEMUs to {@code query-migrate} after the migration (qapi/migration.json).
 *
 * @param totalMillis duration of the whole migration, from the source
 * @param setupMillis the part of it before memory is sent
 * @param transferredBytes bytes that the source sent for memory
 * @param requests pages that the destination requested
 * @param blocktimeMillis how long all vCPUs were blocked at the same time, from the destination;
 *     empty if it does not report it
 */
public record QemuStatistics(
    double totalMillis,
    double setupMillis,
    double transferredBytes,
    double requests,
    OptionalDouble blocktimeMillis) {
  /**
   * Parses both replies.
   *
   * @throws IOException if the migration has not completed, or a value is missing
   */
  public static QemuStatistics of(JsonNode source, JsonNode destination) throws IOException {
    for (JsonNode reply : new JsonNode[] {source, destination}) {
      String status = reply.path("status").asString("nothing");
      if (!status.equals("completed")) {
        throw new IOException(
            "QEMU reports the migration as " + status + error(reply).map(e -> ": " + e).orElse(""));
      }
    }
    JsonNode blocked = destination.path("postcopy-blocktime");
    return new QemuStatistics(
        number(source, "/total-time"),
        number(source, "/setup-time"),
        number(source, "/ram/transferred"),
        number(source, "/ram/postcopy-requests"),
        blocked.isNumber() ? OptionalDouble.of(blocked.asDouble()) : OptionalDouble.empty());
  }

  /** Why a migration failed; empty if QEMU reports no reason. */
  static Optional<String> error(JsonNode reply) {
    JsonNode text = reply.path("error-desc");
    return text.isString() ? Optional.of(text.asString()) : Optional.empty();
  }

  /**
   * The port on which a destination listens.
   *
   * @throws IOException if the reply has no port
   */
  static int port(JsonNode destination) throws IOException {
    for (JsonNode address : destination.path("socket-address")) {
      if (address.path("port").isString()) {
        try {
          return Integer.parseInt(address.path("port").asString());
        } catch (NumberFormatException e) {
          throw new IOException("QEMU reports an invalid port: " + address, e);
        }
      }
    }
    throw new IOException("QEMU does not report where it listens: " + destination);
  }

  private static double number(JsonNode reply, String pointer) throws IOException {
    JsonNode value = reply.at(pointer);
    if (!value.isNumber()) {
      throw new IOException("QEMU does not report " + pointer + ": " + reply);
    }
    return value.asDouble();
  }
}
