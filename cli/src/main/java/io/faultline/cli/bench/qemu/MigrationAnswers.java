package io.faultline.cli.bench.qemu;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * What QEMU answers to {@code query-migrate} at both ends, when all is done (qapi/migration.json).
 *
 * @param totalMillis the whole migration, at the source
 * @param setupMillis the part of it before memory is sent
 * @param transferredBytes what the source sent for memory
 * @param requests pages that the destination asked for
 * @param blocktimeMillis how long all vCPUs at once waited for pages, as the destination counts it;
 *     empty where it does not
 */
public record MigrationAnswers(
    double totalMillis,
    double setupMillis,
    double transferredBytes,
    double requests,
    OptionalDouble blocktimeMillis) {
  /**
   * Reads both answers.
   *
   * @throws IOException where the migration is not complete, or something is missing
   */
  public static MigrationAnswers of(JsonNode source, JsonNode destination) throws IOException {
    for (JsonNode end : new JsonNode[] {source, destination}) {
      String status = end.path("status").asString("nothing");
      if (!status.equals("completed")) {
        throw new IOException(
            "QEMU tells of a migration that is "
                + status
                + error(end).map(e -> ": " + e).orElse(""));
      }
    }
    JsonNode blocked = destination.path("postcopy-blocktime");
    return new MigrationAnswers(
        number(source, "/total-time"),
        number(source, "/setup-time"),
        number(source, "/ram/transferred"),
        number(source, "/ram/postcopy-requests"),
        blocked.isNumber() ? OptionalDouble.of(blocked.asDouble()) : OptionalDouble.empty());
  }

  /** Why a migration failed, as far as QEMU says. */
  static Optional<String> error(JsonNode answer) {
    JsonNode text = answer.path("error-desc");
    return text.isString() ? Optional.of(text.asString()) : Optional.empty();
  }

  /**
   * The port at which a destination listens.
   *
   * @throws IOException where it does not
   */
  static int port(JsonNode destination) throws IOException {
    for (JsonNode address : destination.path("socket-address")) {
      if (address.path("port").isString()) {
        try {
          return Integer.parseInt(address.path("port").asString());
        } catch (NumberFormatException e) {
          throw new IOException("QEMU listens at " + address, e);
        }
      }
    }
    throw new IOException("QEMU does not tell where it listens: " + destination);
  }

  private static double number(JsonNode answer, String pointer) throws IOException {
    JsonNode value = answer.at(pointer);
    if (!value.isNumber()) {
      throw new IOException("QEMU does not tell " + pointer + ": " + answer);
    }
    return value.asDouble();
  }
}
