package io.faultline.cli.status;

import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pager with a status file, and its figures if it answers.
 *
 * @param file its status file
 * @param json what that says, and {@code alive}; of a pager that answers its figures too, else
 *     {@code error}
 */
record PagerStatus(Path file, ObjectNode json) {
  private static final String ALIVE = "alive";
  private static final String PROCESS = "process";

  /** All pagers of a directory, also killed ones. */
  static List<PagerStatus> list(Path directory) throws IOException {
    List<PagerStatus> all = files(directory);
    for (PagerStatus each : all) {
      if (each.isAlive()) {
        addFigures(each.json, LiveNode.socket(directory, each.json.path(PROCESS).asLong(0)));
      } else {
        each.json.put(
            "to_do",
            "end its clients, which wait at their next access to a page that is not in memory;"
                + " what they flushed is in their stores. Then remove "
                + each.file);
      }
    }
    return all;
  }

  /** Removes the status files of dead pagers that listened on a socket. */
  static void removeDead(Path directory, String socket) throws IOException {
    for (PagerStatus each : files(directory)) {
      if (!each.isAlive() && each.json.path("socket").asString("").equals(socket)) {
        Files.deleteIfExists(each.file);
      }
    }
  }

  /** What the status files of a directory say. */
  private static List<PagerStatus> files(Path directory) throws IOException {
    List<PagerStatus> all = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return all;
    }
    try (Stream<Path> list = Files.list(directory)) {
      for (Path file :
          list.filter(each -> each.toString().endsWith(PagerStatusFile.SUFFIX)).sorted().toList()) {
        try {
          all.add(read(file));
        } catch (NoSuchFileException e) {
          // the pager has just ended
        }
      }
    }
    return all;
  }

  private static PagerStatus read(Path file) throws IOException {
    if (!(parse(Files.readString(file), file) instanceof ObjectNode json)) {
      throw new IllegalArgumentException(file + " is not the status file of a pager");
    }
    long process = json.path(PROCESS).asLong(0);
    json.put(ALIVE, NodeStatus.isAlive(process, json.path("process_start").asLong(0)));
    return new PagerStatus(file, json);
  }

  private boolean isAlive() {
    return json.path(ALIVE).asBoolean(false);
  }

  private static JsonNode parse(String text, Path file) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file + " is not the status file of a pager: " + e.getOriginalMessage(), e);
    }
  }

  private static void addFigures(ObjectNode json, Path socket) {
    ControlRequest query = ControlRequest.newBuilder().setQuery(Query.getDefaultInstance()).build();
    try (ControlClient client = new ControlClient(socket)) {
      ControlResponse response = client.ask(query);
      if (response.getDone()
          && JsonMapper.shared().readTree(response.getStatusJson()) instanceof ObjectNode figures) {
        json.setAll(figures);
      } else {
        json.put("error", response.getMessage());
      }
    } catch (IOException | JacksonException e) {
      json.put("error", "it does not answer at " + socket + ": " + e.getMessage());
    }
  }
}
