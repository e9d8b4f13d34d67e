package io.faultline.qemu.vm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers as a QEMU does of which a {@link RehearsedMonitor} takes the state, and into which it
 * loads one. The peer waits for each answer. Used by one thread.
 */
final class RehearsedQemu implements AutoCloseable {
  /** About as many as those of a QEMU with few devices. */
  static final int STATE_BYTES = 64 << 10;

  private static final int BUFFER_BYTES = STATE_BYTES;
  private static final int NANOS_PER_MICRO = 1000;
  private static final int POLL_MILLIS = 1000;
  private static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}}}}\n";

  private final DescriptorConnection monitor;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
  private final MemorySegment stateBytes = arena.allocate(BUFFER_BYTES);
  private final ReceivedDescriptors received = new ReceivedDescriptors();

  /** What has arrived of the next commands. */
  private final StringBuilder line = new StringBuilder();

  private @Nullable DescriptorConnection state;

  RehearsedQemu(DescriptorConnection monitor) {
    this.monitor = monitor;
  }

  /** Answers until the peer closes the monitor. */
  void serve() throws IOException {
    try {
      send(GREETING);
      for (JsonNode command = next(); command != null; command = next()) {
        answer(command);
      }
    } catch (SystemCallException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The next command, one per line. */
  private @Nullable JsonNode next() {
    int end = line.indexOf("\n");
    while (end < 0) {
      int count = monitor.receive(buffer.address(), BUFFER_BYTES, received);
      if (count == DescriptorConnection.END) {
        return null;
      }
      if (count == DescriptorConnection.WOULD_BLOCK) {
        var _ = monitor.awaitReadable(POLL_MILLIS);
      } else {
        byte[] bytes = buffer.asSlice(0, count).toArray(JAVA_BYTE);
        line.append(new String(bytes, StandardCharsets.US_ASCII));
        end = line.indexOf("\n");
      }
    }
    JsonNode command = JsonMapper.shared().readTree(line.substring(0, end));
    line.delete(0, end + 1);
    return command;
  }

  private void answer(JsonNode command) {
    String reply = "{\"return\": {}, \"id\": " + command.path("id").asLong() + "}\n";
    switch (command.path("execute").asString("")) {
      case "getfd" -> {
        state = DescriptorConnection.adopt(received.take());
        send(reply);
      }
      case "migrate" -> {
        send(reply + event("STOP", ""));
        giveState();
        send(event("MIGRATION", "completed"));
      }
      case "migrate-incoming" -> {
        send(reply);
        takeState();
        send(event("MIGRATION", "completed"));
      }
      case "cont" -> send(event("RESUME", "") + reply);
      default -> send(reply);
    }
  }

  private static String event(String name, String status) {
    Instant now = Instant.now();
    return String.format(
        Locale.ROOT,
        "{\"event\": \"%s\", \"data\": {\"status\": \"%s\"},"
            + " \"timestamp\": {\"seconds\": %d, \"microseconds\": %d}}\n",
        name,
        status,
        now.getEpochSecond(),
        now.getNano() / NANOS_PER_MICRO);
  }

  private void giveState() {
    try (DescriptorConnection to = takeEnd()) {
      var _ = to.send(stateBytes.address(), BUFFER_BYTES);
    }
  }

  private void takeState() {
    try (DescriptorConnection from = takeEnd()) {
      while (from.read(stateBytes.address(), BUFFER_BYTES) != DescriptorConnection.END) {
        var _ = from.awaitReadable(POLL_MILLIS);
      }
    }
  }

  private DescriptorConnection takeEnd() {
    DescriptorConnection end = state;
    if (end == null) {
      throw new IllegalStateException("no descriptor was sent");
    }
    state = null;
    return end;
  }

  private void send(String text) {
    MemorySegment bytes = MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    MemorySegment.copy(bytes, 0, buffer, 0, bytes.byteSize());
    var _ = monitor.send(buffer.address(), (int) bytes.byteSize());
  }

  @Override
  public void close() {
    DescriptorConnection left = state;
    if (left != null) {
      left.close();
    }
    received.close();
    monitor.close();
    arena.close();
  }
}
