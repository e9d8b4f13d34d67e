package io.faultline.qemu.qmp;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A connection to QEMU's monitor: JSON commands, replies and events, one per line
 * (docs/interop/qmp-spec). Every wait has a timeout. Reads only while a method waits: QEMU keeps
 * the events meanwhile. Used by one thread at a time.
 */
public final class QmpConnection implements AutoCloseable {
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);

  /** How soon a waiting thread sees that it was interrupted. */
  private static final int POLL_MILLIS = 100;

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int NO_DESCRIPTOR = -1;
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final Path socket;
  private final DescriptorConnection connection;
  private final MessageLines lines = new MessageLines();
  private final List<QmpEvent> events = new ArrayList<>();
  private final byte[] received = new byte[BUFFER_BYTES];
  private QemuVersion version = new QemuVersion(0, 0, 0, "");
  private long lastId;
  private boolean ended;

  private QmpConnection(Path socket, DescriptorConnection connection) {
    this.socket = socket;
    this.connection = connection;
  }

  /**
   * Connects to an existing socket.
   *
   * @throws IOException if QEMU does not listen, another client is connected, or the peer is not a
   *     QMP monitor
   */
  public static QmpConnection open(Path socket) throws IOException, InterruptedException {
    return open(socket, REPLY_TIMEOUT);
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param greeting how long to wait for the greeting: a monitor with another client sends none
   */
  static QmpConnection open(Path socket, Duration greeting)
      throws IOException, InterruptedException {
    QmpConnection opened;
    try {
      opened = new QmpConnection(socket, DescriptorConnection.connect(socket));
    } catch (SystemCallException e) {
      throw new IOException("cannot connect to the monitor " + socket + ": " + e.getMessage(), e);
    }
    try {
      opened.greet(socket, greeting);
      opened.execute("qmp_capabilities");
      return opened;
    } catch (IOException | InterruptedException e) {
      opened.close();
      throw e;
    }
  }

  private void greet(Path socket, Duration limit) throws IOException, InterruptedException {
    JsonNode greeting = next(System.nanoTime() + limit.toNanos());
    if (greeting == null) {
      throw new IOException(
          "the monitor "
              + socket
              + " does not greet: another client may be connected; give QEMU a second -qmp");
    }
    if (!greeting.has("QMP")) {
      throw new IOException(socket + " is no QMP monitor: use -qmp unix:PATH,server=on,wait=off");
    }
    version = QemuVersion.of(greeting);
  }

  /** The socket that it is connected to. */
  public Path socket() {
    return socket;
  }

  public QemuVersion version() {
    return version;
  }

  /** The id of the QEMU process, in the pid namespace of this process. */
  public int pid() {
    return connection.peerPid();
  }

  /** Executes a command without arguments. */
  public JsonNode execute(String command) throws IOException, InterruptedException {
    return execute(command, MAPPER.createObjectNode());
  }

  /**
   * Executes a command and returns its result.
   *
   * @throws QmpException if QEMU refuses it
   * @throws IOException if QEMU does not reply or has ended; the message says so
   */
  public JsonNode execute(String command, ObjectNode arguments)
      throws IOException, InterruptedException {
    return execute(command, arguments, NO_DESCRIPTOR);
  }

  /**
   * Hands a descriptor to QEMU ({@code getfd}), which stays open here. {@code closefd} closes it
   * there.
   *
   * @param name under which QEMU keeps it
   */
  public void sendDescriptor(String name, int descriptor) throws IOException, InterruptedException {
    JsonNode ignored = execute("getfd", arguments().put("fdname", name), descriptor);
  }

  private JsonNode execute(String command, ObjectNode arguments, int descriptor)
      throws IOException, InterruptedException {
    lastId++;
    ObjectNode json = MAPPER.createObjectNode().put("execute", command);
    json.set("arguments", arguments);
    json.put("id", lastId);
    long deadline = System.nanoTime() + REPLY_TIMEOUT.toNanos();
    send(json + "\n", descriptor, deadline);
    for (; ; ) {
      JsonNode message = next(deadline);
      if (message == null) {
        throw new IOException(
            "QEMU did not reply to " + command + " for " + REPLY_TIMEOUT.toSeconds() + " s");
      }
      if (message.path("id").asLong(lastId) == lastId) { // else the late reply to an earlier one
        if (message.has("error")) {
          throw new QmpException(
              command,
              message.at("/error/class").asString(""),
              message.at("/error/desc").asString(""));
        }
        if (message.has("return")) {
          return message.path("return");
        }
      }
    }
  }

  /** A new, empty object for arguments. */
  public static ObjectNode arguments() {
    return MAPPER.createObjectNode();
  }

  /** Waits for the first matching event since the connection was opened; empty on timeout. */
  public Optional<QmpEvent> await(Predicate<QmpEvent> wanted, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      Optional<QmpEvent> found = events.stream().filter(wanted).findFirst();
      if (found.isPresent() || next(deadline) == null) {
        return found;
      }
    }
  }

  /** Forgets the events until now, so that {@link #await} waits for later ones. */
  public void forgetEvents() throws IOException, InterruptedException {
    while (next(System.nanoTime()) != null) {
      // an event
    }
    events.clear();
  }

  private void send(String text, int descriptor, long deadline)
      throws IOException, InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int sent = 0;
      while (sent < bytes.length) {
        int[] with = descriptor >= 0 && sent == 0 ? new int[] {descriptor} : new int[0];
        int result = connection.send(memory.address() + sent, bytes.length - sent, with);
        if (result == DescriptorConnection.END) {
          throw closed();
        }
        sent += result;
        if (result == DescriptorConnection.WOULD_BLOCK) {
          checkTime(deadline);
          var _ = connection.awaitWritable(POLL_MILLIS);
        }
      }
    } catch (SystemCallException e) {
      throw new IOException("cannot write to QEMU's monitor: " + e.getMessage(), e);
    }
  }

  private static void checkTime(long deadline) throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (System.nanoTime() - deadline >= 0) {
      throw new IOException("QEMU does not read commands from its monitor");
    }
  }

  /** Waits for the next message, and stores it if it is an event; null on timeout. */
  private @Nullable JsonNode next(long deadline) throws IOException, InterruptedException {
    for (; ; ) {
      JsonNode message = lines.next();
      if (message != null) {
        QmpEvent.of(message).ifPresent(events::add);
        return message;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!read()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return null;
        }
        long millis = Math.min(POLL_MILLIS, Duration.ofNanos(left).toMillis() + 1);
        var _ = connection.awaitReadable((int) millis);
      }
    }
  }

  /** Reads what is there; false if that is nothing. */
  private boolean read() throws IOException {
    if (ended) {
      throw closed();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BUFFER_BYTES);
      int count = connection.read(memory.address(), BUFFER_BYTES);
      if (count == DescriptorConnection.END) {
        ended = true;
        throw closed();
      }
      MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, received, 0, Math.max(0, count));
      lines.add(received, Math.max(0, count));
      return count > 0;
    } catch (SystemCallException e) {
      throw new IOException("cannot read from QEMU's monitor: " + e.getMessage(), e);
    }
  }

  private static IOException closed() {
    return new IOException("QEMU has closed its monitor");
  }

  @Override
  public void close() {
    connection.close();
  }
}
