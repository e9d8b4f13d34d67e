package io.faultline.qemu.qmp;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
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

  private static final int[] NO_DESCRIPTORS = {};

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final Path path;
  private final MonitorSocket socket;
  private final MessageLines lines = new MessageLines();
  private final List<QmpEvent> events = new ArrayList<>();
  private final CommandStream commands = new CommandStream();
  private QemuVersion version = new QemuVersion(0, 0, 0, "");
  private long latestNanos;
  private boolean limited;

  private QmpConnection(Path path, MonitorSocket socket) {
    this.path = path;
    this.socket = socket;
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
    DescriptorConnection connected;
    try {
      connected = DescriptorConnection.connect(socket);
    } catch (SystemCallException e) {
      throw new IOException("cannot connect to the monitor " + socket + ": " + e.getMessage(), e);
    }
    return over(connected, socket, greeting);
  }

  /**
   * Takes a connection to a monitor, from its first byte on.
   *
   * @param connected closed if the peer is not a QMP monitor
   * @param socket that it is connected to, for messages
   */
  public static QmpConnection over(DescriptorConnection connected, Path socket)
      throws IOException, InterruptedException {
    return over(connected, socket, REPLY_TIMEOUT);
  }

  private static QmpConnection over(DescriptorConnection connected, Path socket, Duration greeting)
      throws IOException, InterruptedException {
    QmpConnection opened = new QmpConnection(socket, new MonitorSocket(connected));
    try {
      opened.greet(greeting);
      opened.execute("qmp_capabilities");
      return opened;
    } catch (IOException | InterruptedException e) {
      opened.close();
      throw e;
    }
  }

  private void greet(Duration limit) throws IOException, InterruptedException {
    JsonNode greeting = next(System.nanoTime() + limit.toNanos());
    if (greeting == null) {
      throw new IOException(
          "the monitor "
              + path
              + " does not greet: another client may be connected (give QEMU a second -qmp), or"
              + " QEMU is stopped or frozen");
    }
    if (!greeting.has("QMP")) {
      throw new IOException(path + " is no QMP monitor: use -qmp unix:PATH,server=on,wait=off");
    }
    version = QemuVersion.of(greeting);
  }

  public QemuVersion version() {
    return version;
  }

  /** The descriptor to poll: it becomes readable when QEMU has sent something. */
  public int descriptor() {
    return socket.descriptor();
  }

  /** The socket that it is connected to. */
  public Path socket() {
    return path;
  }

  /** Whether QEMU has closed it, as a call has found: every call fails from then on. */
  public boolean isEnded() {
    return socket.isEnded();
  }

  /** The id of the QEMU process, in the pid namespace of this process. */
  public int pid() {
    return socket.peerPid();
  }

  /**
   * Limits all waits from now on together, until {@link #endLimit}: for a thread that must soon do
   * something else.
   */
  public void limitWaits(Duration limit) {
    latestNanos = System.nanoTime() + limit.toNanos();
    limited = true;
  }

  /** Ends the limit of {@link #limitWaits}. */
  public void endLimit() {
    limited = false;
  }

  private long deadline(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    return limited && latestNanos - deadline < 0 ? latestNanos : deadline;
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
    post(command, arguments);
    return reply(command);
  }

  /**
   * Hands a descriptor to QEMU ({@code getfd}), which stays open here. {@code closefd} closes it
   * there.
   *
   * @param name under which QEMU keeps it
   */
  public void sendDescriptor(String name, int descriptor) throws IOException, InterruptedException {
    post("getfd", arguments().put("fdname", name), new int[] {descriptor});
    var _ = reply("getfd");
  }

  /**
   * Closes a descriptor that was handed to QEMU over this monitor, perhaps by another process; does
   * nothing if there is none of that name.
   */
  public void closeDescriptor(String name) throws IOException, InterruptedException {
    try {
      var _ = execute("closefd", arguments().put("fdname", name));
    } catch (QmpException e) {
      // there is none
    }
  }

  /**
   * Sends a command without arguments, for a thread that must not wait. Another one calls {@link
   * #reply} then, before anything else is done with the connection.
   */
  public void post(String command) throws IOException, InterruptedException {
    post(command, MAPPER.createObjectNode());
  }

  /** As {@link #post(String)}, with arguments. */
  public void post(String command, ObjectNode arguments) throws IOException, InterruptedException {
    post(command, arguments, NO_DESCRIPTORS);
  }

  private void post(String command, ObjectNode arguments, int[] descriptors)
      throws IOException, InterruptedException {
    socket.send(commands.of(command, arguments), deadline(REPLY_TIMEOUT), descriptors);
  }

  /**
   * Sends all of a command without arguments but its end, so that a later {@link #post(String)} of
   * it takes QEMU less time. Until then QEMU executes nothing of it; if another command is sent
   * first, or the connection is closed, it never does.
   */
  public void postAhead(String command) throws IOException, InterruptedException {
    socket.send(commands.ahead(command), deadline(REPLY_TIMEOUT), NO_DESCRIPTORS);
  }

  /**
   * Waits for the result of the command that was {@link #post}ed last.
   *
   * @throws QmpException if QEMU refuses it
   * @throws IOException if QEMU does not reply or has ended; the message says so
   */
  public JsonNode reply(String command) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    JsonNode result = reply(command, deadline(REPLY_TIMEOUT));
    if (result == null) {
      throw new IOException("QEMU did not reply to " + command + " " + patience(begin));
    }
    return result;
  }

  /**
   * As {@link #reply}, but does not wait.
   *
   * @return whether the result has come
   */
  public boolean hasReply(String command) throws IOException, InterruptedException {
    return reply(command, System.nanoTime()) != null;
  }

  private @Nullable JsonNode reply(String command, long deadline)
      throws IOException, InterruptedException {
    for (; ; ) {
      JsonNode message = next(deadline);
      if (message == null) {
        return null;
      }
      if (commands.isAwaited(message)) {
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

  /** How long a reply was waited for, from a time on; for the user. */
  private String patience(long beginNanos) {
    long millis = Duration.ofNanos(System.nanoTime() - beginNanos).toMillis();
    return limited
        ? "in the time that all steps together may take, of which " + millis + " ms were left"
        : "for " + millis + " ms";
  }

  /** A new, empty object for arguments. */
  public static ObjectNode arguments() {
    return MAPPER.createObjectNode();
  }

  /** Waits for the first matching event since the connection was opened; empty on timeout. */
  public Optional<QmpEvent> await(Predicate<QmpEvent> wanted, Duration limit)
      throws IOException, InterruptedException {
    return await(wanted, limit, SideStream.NONE);
  }

  /**
   * As the other method.
   *
   * @param beside read meanwhile, whenever there is something
   */
  public Optional<QmpEvent> await(Predicate<QmpEvent> wanted, Duration limit, SideStream beside)
      throws IOException, InterruptedException {
    long deadline = deadline(limit);
    for (; ; ) {
      Optional<QmpEvent> found = events.stream().filter(wanted).findFirst();
      if (found.isPresent() || next(deadline, beside) == null) {
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

  private @Nullable JsonNode next(long deadline) throws IOException, InterruptedException {
    return next(deadline, SideStream.NONE);
  }

  /** Waits for the next message, and stores it if it is an event; null on timeout. */
  private @Nullable JsonNode next(long deadline, SideStream beside)
      throws IOException, InterruptedException {
    for (; ; ) {
      beside.read();
      JsonNode message = lines.next();
      if (message != null) {
        QmpEvent.of(message).ifPresent(events::add);
        return message;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!socket.read(lines)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return null;
        }
        socket.awaitReadable(beside.open(), left);
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
