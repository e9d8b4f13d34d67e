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
 * QEMU's monitor: a command a line, an answer a line, events between (docs/interop/qmp-spec). No
 * call waits longer than it is told. For one thread; another one reads.
 */
final class QmpConnection implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final SocketChannel channel;
  private final BlockingQueue<Optional<JsonNode>> messages = new LinkedBlockingQueue<>();
  private final List<QmpEvent> events = new ArrayList<>();

  private QmpConnection(SocketChannel channel) {
    this.channel = channel;
    Thread.ofPlatform().daemon().name("qmp").start(this::read);
  }

  /**
   * Connects to a socket that is there.
   *
   * @throws IOException where nobody listens yet, or it is no QEMU
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
      connection.next(System.nanoTime() + ANSWER.toNanos()); // the greeting
      connection.execute("qmp_capabilities");
      return connection;
    } catch (IOException | InterruptedException e) {
      connection.close();
      throw e;
    }
  }

  /** A command without arguments. */
  JsonNode execute(String command) throws IOException, InterruptedException {
    return execute(command, MAPPER.createObjectNode());
  }

  /**
   * Executes a command and returns what it gives.
   *
   * @throws IOException with what QEMU says, where it refuses, does not answer or has ended
   */
  JsonNode execute(String command, ObjectNode arguments) throws IOException, InterruptedException {
    ObjectNode json = MAPPER.createObjectNode().put("execute", command);
    json.set("arguments", arguments);
    ByteBuffer line = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      channel.write(line);
    }
    long deadline = System.nanoTime() + ANSWER.toNanos();
    for (; ; ) {
      JsonNode message = next(deadline).orElse(null);
      if (message == null) {
        throw new IOException("QEMU does not answer to " + command);
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

  /** An object of arguments, to be filled. */
  static ObjectNode arguments() {
    return MAPPER.createObjectNode();
  }

  /** The first event of a kind since the connection was made, waited for; empty after the time. */
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

  /** The next message; keeps it if it is an event. Empty after the time. */
  private Optional<JsonNode> next(long deadline) throws IOException, InterruptedException {
    Optional<JsonNode> message =
        messages.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    if (message == null) {
      return Optional.empty();
    }
    if (message.isEmpty()) {
      messages.add(message); // for whoever comes next
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
      messages.add(Optional.empty()); // told by whoever waits
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
