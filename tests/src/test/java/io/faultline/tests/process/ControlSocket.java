package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.control.ControlMessages;
import io.faultline.proto.wire.control.Cancel;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.Query;
import io.faultline.proto.wire.control.SetBandwidth;
import io.faultline.proto.wire.control.SwitchOver;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The control socket of a node, used without a process of its own: a JVM takes longer to start than
 * some states last.
 *
 * <p>A test that needs a migration to stay where it is starts the source with {@link #HELD}, looks
 * for as long as it needs, and then {@linkplain #release releases} it. How fast the machine is does
 * not matter.
 */
final class ControlSocket {
  /** A bandwidth at which no migration ends within the time limit of a test. */
  static final String HELD = "--bandwidth=64k";

  private static final long UNLIMITED = 0;

  private final Node node;
  private final Path path;

  private ControlSocket(Node node, Path path) {
    this.node = node;
    this.path = path;
  }

  /**
   * The socket of a node.
   *
   * @param state the node's {@code --state}
   */
  static ControlSocket of(Node node, Path state) {
    return new ControlSocket(node, state.resolve(node.pid() + ".control"));
  }

  /** For options of commands. */
  Path path() {
    return path;
  }

  /** Waits until the node listens there. */
  void awaitOpen() {
    await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !node.isAlive() || Files.exists(path));
    assertThat(node.isAlive()).as("%s", node).isTrue();
  }

  /** The status of the migration. */
  JsonNode query() throws IOException {
    ControlRequest query = ControlRequest.newBuilder().setQuery(Query.getDefaultInstance()).build();
    return JsonMapper.shared().readTree(ask(query).getStatusJson());
  }

  /** Waits for a status; fails at once if the node ends first. */
  JsonNode awaitStatus(Predicate<JsonNode> wanted) {
    return await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptionsInstanceOf(IOException.class) // it does not listen yet
        .until(this::queryLiving, wanted);
  }

  private JsonNode queryLiving() throws IOException {
    boolean alive = node.isAlive(); // before the query: its end may come in between
    try {
      return query();
    } catch (IOException e) {
      assertThat(alive).as("the node has not ended; %s", node).isTrue();
      throw e;
    }
  }

  /** Waits for a status of a name, such as {@code postcopy-active}. */
  void awaitStatus(String name) {
    awaitStatus(status -> status.path("status").asString("").equals(name));
  }

  /** Lets a migration that is {@link #HELD} continue at full speed. */
  void release() throws IOException {
    setBandwidth(UNLIMITED);
  }

  /** Sets the limit of a source, once it listens. */
  void setBandwidth(long bytesPerSecond) throws IOException {
    awaitStatus(status -> status.has("migration")); // not before it has begun
    SetBandwidth limit = SetBandwidth.newBuilder().setBytesPerSecond(bytesPerSecond).build();
    ControlResponse response = ask(ControlRequest.newBuilder().setSetBandwidth(limit).build());
    assertThat(response.getDone()).as(response.getMessage()).isTrue();
  }

  /** Ends precopy: a source switches over now. */
  void switchOver() throws IOException {
    SwitchOver now = SwitchOver.getDefaultInstance();
    ControlResponse response = ask(ControlRequest.newBuilder().setSwitchOver(now).build());
    assertThat(response.getDone()).as(response.getMessage()).isTrue();
  }

  /** Ends the migration; the VM stays at the source. */
  void cancel() throws IOException {
    ControlResponse response =
        ask(ControlRequest.newBuilder().setCancel(Cancel.getDefaultInstance()).build());
    assertThat(response.getDone()).as(response.getMessage()).isTrue();
  }

  private ControlResponse ask(ControlRequest request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      ControlMessages.write(Channels.newOutputStream(channel), request);
      return Objects.requireNonNull(
          ControlMessages.read(Channels.newInputStream(channel), ControlResponse.parser()));
    }
  }
}
