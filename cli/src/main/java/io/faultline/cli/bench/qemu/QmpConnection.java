package io.faultline.cli.bench.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A connection to QEMU's monitor: JSON commands, replies and events, one per line
 * (docs/interop/qmp-spec). Every wait has a timeout. Used by one thread; a second one reads.
 */
final class QmpConnection implements AutoCloseable {
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final SocketChannel channel;
  private final BlockingQueue<Optional<JsonNode>> messages = new LinkedBlockingQueue<>();
  private final List<QmpEvent> events = new ArrayList<>();

  private QmpConnection(SocketChannel channel) {
    this.channel = channel;
    Thread.ofPlatform().daemon().name("qmp").start(this::read);
  }

  /**
   * Connects to an existing socket.
   *
   * @throws IOException if QEMU does not listen yet, or the peer is not QEMU
   */
  static QmpConnection open(Path socket) throws IOException, InterruptedException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    QmpConnection connection = new QmpConnection(channel);
    try {
      connection.next(System.nanoTime() + REPLY_TIMEOUT.toNanos()); // the greeting
      connection.execute("qmp_capabilities");
      return connection;
    } catch (IOException | InterruptedException e) {
      connection.close();
      throw e;
    }
  }

  /** Executes a command without arguments. */
  JsonNode execute(String command) throws IOException, InterruptedException {
    return execute(command, MAPPER.createObjectNode());
  }

  /**
   * Executes a command and returns its result.
   *
   * @throws IOException if QEMU refuses it, does not reply or has ended; the message says why
   */
  JsonNode execute(String command, ObjectNode arguments) throws IOException, InterruptedException {
    ObjectNode json = MAPPER.createObjectNode().put("execute", command);
    json.set("arguments", arguments);
    ByteBuffer line = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      channel.write(line);
    }
    long deadline = System.nanoTime() + REPLY_TIMEOUT.toNanos();
    for (; ; ) {
      JsonNode message = next(deadline).orElse(null);
      if (message == null) {
        throw new IOException("QEMU does not reply to " + command);
      }
      if (message.has("error")) {
        throw new IOException(
            "QEMU refuses " + command + ": " + message.at("/error/desc").asString(""));
      }
      if (message.has("return")) {
        return message.path("return");
      }
    }
  }

  /** A new, empty object for arguments. */
  static ObjectNode arguments() {
    return MAPPER.createObjectNode();
  }

  /** Waits for the first matching event since the connection was opened; empty on timeout. */
  Optional<QmpEvent> await(Predicate<QmpEvent> wanted, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      Optional<QmpEvent> found = events.stream().filter(wanted).findFirst();
      if (found.isPresent() || next(deadline).isEmpty()) {
        return found;
      }
    }
  }

  /** Waits for the next message, and stores it if it is an event; empty on timeout. */
  private Optional<JsonNode> next(long deadline) throws IOException, InterruptedException {
    Optional<JsonNode> message =
        messages.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    if (message == null) {
      return Optional.empty();
    }
    if (message.isEmpty()) {
      messages.add(message); // for the next call
      throw new IOException("QEMU has closed its monitor");
    }
    QmpEvent.of(message.get()).ifPresent(events::add);
    return message;
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        messages.add(Optional.of(MAPPER.readTree(line)));
      }
    } catch (IOException | JacksonException e) {
      messages.add(Optional.empty()); // the waiting thread reports it
      return;
    }
    messages.add(Optional.empty());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
