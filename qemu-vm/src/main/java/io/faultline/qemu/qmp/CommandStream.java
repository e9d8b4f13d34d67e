package io.faultline.qemu.qmp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The commands of one connection, as text: each has an id, by which its reply is recognized.
 *
 * <p>One command may be sent ahead, all of it but its end. QEMU reads a monitor byte by byte, with
 * some eight system calls each, and executes a command when its object is closed: so a command that
 * a guest waits for takes QEMU as long as one byte. If another command comes first, the one that
 * was sent ahead is ended with a member that QMP does not have: QEMU refuses it and executes
 * nothing (qapi/qmp-dispatch.c, {@code qmp_dispatch_check_obj}). A connection that is closed takes
 * its unfinished command with it.
 *
 * <p>Used by one thread at a time.
 */
final class CommandStream {
  private static final String END = "}\n";
  private static final String ABANDONED = ",\"abandoned\":0" + END;

  private long lastId;

  /** Negative, unlike those of other commands. */
  private long aheadId;

  private long awaitedId;
  private @Nullable String ahead;

  /** What is sent for a command. */
  String of(String command, ObjectNode arguments) {
    if (command.equals(ahead) && arguments.isEmpty()) {
      ahead = null;
      awaitedId = aheadId;
      return END;
    }
    String before = abandon();
    lastId++;
    awaitedId = lastId;
    ObjectNode json = JsonMapper.shared().createObjectNode().put("execute", command);
    if (!arguments.isEmpty()) {
      json.set("arguments", arguments);
    }
    json.put("id", lastId);
    return before + json + "\n";
  }

  /** What is sent of a command without arguments ahead of its time. */
  String ahead(String command) {
    String before = abandon();
    aheadId--;
    ahead = command;
    return before + "{\"id\":" + aheadId + ",\"execute\":\"" + command + "\"";
  }

  private String abandon() {
    String before = ahead == null ? "" : ABANDONED;
    ahead = null;
    return before;
  }

  /** Whether a message is for the command that was sent last, and not a late one for another. */
  boolean isAwaited(JsonNode message) {
    return message.path("id").asLong(awaitedId) == awaitedId;
  }
}
