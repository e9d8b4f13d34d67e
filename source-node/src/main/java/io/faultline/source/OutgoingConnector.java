package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeHost;
import io.faultline.proto.Patience;
import io.faultline.proto.Pulse;
import io.faultline.proto.wire.Role;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Makes the connections of one attempt after another, all of the same migration. */
final class OutgoingConnector {
  private final NodeHost host;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private final List<InetSocketAddress> destinations;
  private final Set<Capability> asked;
  private final Patience patience;
  private final ByteString migrationId;

  /**
   * @param asked what the source can and would do
   */
  OutgoingConnector(
      NodeHost host,
      EventLoop controlLoop,
      EventLoop bulkLoop,
      List<InetSocketAddress> destinations,
      Set<Capability> asked,
      Patience patience) {
    this.host = host;
    migrationId = newMigrationId(host);
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.destinations = destinations;
    this.asked = asked;
    this.patience = patience;
  }

  /**
   * Control loop: makes both connections and gives them to the session.
   *
   * @param address the number of the address
   * @return the signs of life on them; or why there are none, for a person. Completes on the
   *     control loop
   */
  CompletableFuture<Pulse> connect(
      OutgoingSession session, MigrationSource source, int attempt, int address) {
    HelloClient client =
        new HelloClient(
            host, destinations.get(address), migrationId, asked, attempt, patience.silenceMillis());
    // What the bulk loop did for the attempt before is behind it: nobody claims pages now.
    return CompletableFuture.runAsync(() -> {}, bulkLoop)
        .thenCompose(
            fenced ->
                client.connect(
                    Role.ROLE_CONTROL, controlLoop, new ControlReceiver(source, session)))
        .thenCompose(
            control -> {
              session.controlConnected(control.channel());
              return client.connect(Role.ROLE_BULK, bulkLoop, new BulkReceiver(source, session));
            })
        .thenApplyAsync(
            bulk -> {
              session.bulkConnected(bulk.channel());
              session.agree(Hellos.agreed(asked, Hellos.capabilities(bulk.hello())));
              int peerMillis = bulk.hello().getSilenceMillis();
              return new Pulse(patience.silenceMillis(), peerMillis, host.nanoTime());
            },
            controlLoop);
  }

  /** Why connections were not made, for a person. */
  static String reason(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause == null ? "the connection was not made" : String.valueOf(cause.getMessage());
  }

  private static ByteString newMigrationId(NodeHost host) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    host.random().nextBytes(id);
    return ByteString.copyFrom(id);
  }
}
