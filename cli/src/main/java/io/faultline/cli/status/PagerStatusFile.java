package io.faultline.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file by which {@code faultline status} knows of a pager: one JSON object with its process and
 * its socket. It is created atomically, and never changes: its figures are asked of the control
 * socket. Closing removes it; a killed process leaves it.
 */
public final class PagerStatusFile implements AutoCloseable {
  static final String SUFFIX = ".pager";

  private final Path file;
  private final Consumer<String> messages;

  private PagerStatusFile(Path file, Consumer<String> messages) {
    this.file = file;
    this.messages = messages;
  }

  /**
   * Creates the file of this process, and removes those of dead pagers with the same socket.
   *
   * @param socket where clients connect
   * @param messages receives a line if the file cannot be written: the pager works without
   */
  public static PagerStatusFile create(Path directory, Path socket, Consumer<String> messages) {
    ProcessHandle here = ProcessHandle.current();
    Path file = directory.resolve(here.pid() + SUFFIX);
    String listening = socket.toAbsolutePath().toString();
    ObjectNode json =
        JsonMapper.shared()
            .createObjectNode()
            .put("role", "pager")
            .put("process", here.pid())
            .put("process_start", NodeStatus.startOf(here))
            .put("socket", listening)
            .put("since", Instant.now().toString());
    Path written = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(written, json + "\n");
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      PagerStatus.removeDead(directory, listening);
    } catch (IOException | IllegalArgumentException e) {
      messages.accept("faultline status may not show this pager as it is: " + e);
    }
    return new PagerStatusFile(file, messages);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      messages.accept(file + " cannot be removed: " + e);
    }
  }
}
