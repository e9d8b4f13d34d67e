package io.faultline.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A node of this machine that runs and can be controlled.
 *
 * @param source true for a source, false for a destination
 * @param migration the id, 32 digits; empty before a destination has one
 * @param processId of the node
 * @param socket its control socket
 */
public record LiveNode(boolean source, String migration, long processId, Path socket) {
  private static final String SUFFIX = ".control";

  /** How many digits of an id name a migration in messages. */
  private static final int SHORT_ID = 8;

  /** All nodes of a directory that run and have a control socket. */
  public static List<LiveNode> list(Path directory) throws IOException {
    List<LiveNode> all = new ArrayList<>();
    for (NodeStatusList.Entry entry : NodeStatusList.read(directory)) {
      NodeStatus status = entry.status();
      if (status != null && status.isAlive()) {
        Path socket = socket(directory, status.processId());
        if (Files.exists(socket)) {
          all.add(new LiveNode(status.source(), status.migration(), status.processId(), socket));
        }
      }
    }
    return all;
  }

  /** The path of a node's control socket. */
  public static Path socket(Path directory, long processId) {
    return directory.resolve(processId + SUFFIX);
  }

  /** The control sockets of a directory, also those of dead nodes. */
  public static List<Path> sockets(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
    }
  }

  /** Human-readable, such as {@code source 825e691b}. */
  public String describe() {
    return (source ? "source " : "destination ") + shortId(migration);
  }

  /** What names a migration on a command line. */
  static String shortId(String migration) {
    return migration.substring(0, Math.min(SHORT_ID, migration.length()));
  }
}
