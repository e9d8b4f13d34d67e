package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Makes the connections of one attempt after another, all of the same migration. */
final class OutgoingConnector {
  private final NodeEnvironment host;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private final List<InetSocketAddress> destinations;
  private final Set<Capability> asked;
  private final int channels;
  private final PeerTimeouts timeouts;
  private final Security security;
  private final MigrationIdentity migrationIdentity;

  /** What connections prove themselves with; where there is no token, the first answer tells it. */
  private volatile @Nullable SharedKey key;

  OutgoingConnector(
      NodeEnvironment host,
      EventLoop controlLoop,
      EventLoop bulkLoop,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity) {
    this.host = host;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.destinations = reconnectSettings.destinations(settings);
    this.asked = settings.wire().capabilities();
    this.channels = settings.wire().channels();
    this.timeouts = reconnectSettings.timeouts();
    this.security = settings.security();
    this.migrationIdentity = migrationIdentity;
    key = security.token().orElse(migrationIdentity.sessionKey());
  }

  /**
   * Control loop: makes all connections and gives them to the session.
   *
   * @param address the number of the address
   * @return the signs of life on them; or why there are none, for a person. Completes on the
   *     control loop
   */
  CompletableFuture<Heartbeats> connect(
      OutgoingSession session, MigrationSource source, int attempt, int address) {
    HelloClient client =
        new HelloClient(
            host,
            destinations.get(address),
            migrationIdentity.migrationId(),
            asked,
            security,
            attempt,
            channels,
            timeouts.silenceMillis());
    // What the bulk loop did for the attempt before is behind it: nobody claims pages now.
    return CompletableFuture.runAsync(() -> {}, bulkLoop)
        .thenCompose(
            fenced ->
                client.connect(
                    Role.ROLE_CONTROL, 0, controlLoop, key, new ControlReceiver(source, session)))
        .thenCompose(
            control -> {
              session.controlConnected(control.channel());
              learnKey(control.hello());
              int peerMillis = control.hello().getSilenceMillis();
              return connectBulk(client, session, source).thenApply(all -> peerMillis);
            })
        .thenApplyAsync(
            peerMillis -> new Heartbeats(timeouts.silenceMillis(), peerMillis, host.nanoTime()),
            controlLoop);
  }

  /** All at the same time, since the way may be long; the first that fails is the end. */
  private CompletableFuture<@Nullable Void> connectBulk(
      HelloClient client, OutgoingSession session, MigrationSource source) {
    CompletableFuture<@Nullable Void> all = new CompletableFuture<>();
    List<CompletableFuture<Void>> made = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      int number = i;
      BulkReceiver receiver = new BulkReceiver(source, session, bulkLoop, channels);
      made.add(
          client
              .connect(Role.ROLE_BULK, number, bulkLoop, key, receiver)
              .thenAcceptAsync(
                  bulk ->
                      session.bulkConnected(
                          number,
                          bulk.channel(),
                          Hellos.agreed(asked, Hellos.capabilities(bulk.hello()))),
                  controlLoop));
    }
    for (CompletableFuture<Void> each : made) {
      each.exceptionally(
          failure -> {
            all.completeExceptionally(failure);
            return null;
          });
    }
    CompletableFuture.allOf(made.toArray(CompletableFuture[]::new))
        .thenRun(() -> all.complete(null));
    return all;
  }

  /** Kept before it is needed: a later process has to prove itself with it as well. */
  private void learnKey(Hello answer) {
    if (key == null && security.needsSessionKey() && !answer.getSessionKey().isEmpty()) {
      SharedKey learned = SharedKey.ofWire(answer.getSessionKey());
      try {
        migrationIdentity.ownershipLog().connected(learned);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
      key = learned;
    }
  }

  /** Why connections were not made, for a person. */
  static String reason(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause == null ? "the connection was not made" : String.valueOf(cause.getMessage());
  }
}
