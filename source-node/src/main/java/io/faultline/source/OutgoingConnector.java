package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Service;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.connect.HelloClient;
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

/** Establishes the connections of each attempt of a migration. */
final class OutgoingConnector {
  private final NodeEnvironment environment;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private final SourceSettings settings;
  private volatile ReconnectSettings reconnectSettings;
  private final MigrationIdentity migrationIdentity;

  /** The key that connections prove to know: the token, or the session key in the first answer. */
  private volatile @Nullable SharedKey key;

  OutgoingConnector(
      NodeEnvironment environment,
      EventLoop controlLoop,
      EventLoop bulkLoop,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity) {
    this.environment = environment;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.settings = settings;
    this.reconnectSettings = reconnectSettings;
    this.migrationIdentity = migrationIdentity;
    key = key(settings, migrationIdentity);
  }

  /** A client for the connections of one attempt. */
  static HelloClient client(
      NodeEnvironment environment,
      InetSocketAddress destination,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      int attempt) {
    return new HelloClient(
        environment,
        Service.MIGRATION,
        destination,
        migrationIdentity.migrationId(),
        settings.wire().capabilities(),
        settings.security(),
        attempt,
        settings.wire().channels(),
        reconnectSettings.timeouts().silenceMillis());
  }

  /** An address of the destination, for messages. */
  String destination(int address) {
    return SocketAddresses.format(reconnectSettings.destinations(settings).get(address));
  }

  /**
   * Adds an address, once it is recorded for a later process, and returns its index. Called on the
   * control loop.
   *
   * @throws IOException if it cannot be recorded
   */
  int addDestination(InetSocketAddress address) throws IOException {
    migrationIdentity.ownershipLog().destinationAdded(address);
    List<InetSocketAddress> all = reconnectSettings.destinations(settings);
    int known = all.indexOf(address);
    if (known >= 0) {
      return known;
    }
    reconnectSettings = reconnectSettings.withDestination(address);
    return all.size();
  }

  /** The key known before the first connection; null if the destination must issue one. */
  static @Nullable SharedKey key(SourceSettings settings, MigrationIdentity migrationIdentity) {
    return settings.security().token().orElse(migrationIdentity.sessionKey());
  }

  /**
   * Establishes all connections, and gives them to the session. Called on the control loop.
   *
   * @param address the index of the address
   * @return the heartbeats of the control connection; or why it failed, for the user
   */
  CompletableFuture<Heartbeats> connect(
      OutgoingSession session, OutgoingDispatcher dispatcher, int attempt, int address) {
    HelloClient client =
        client(
            environment,
            reconnectSettings.destinations(settings).get(address),
            settings,
            reconnectSettings,
            migrationIdentity,
            attempt);
    // A fence: once the bulk loop runs this, it no longer claims pages for the last attempt.
    return CompletableFuture.runAsync(() -> {}, bulkLoop)
        .thenCompose(
            fenced ->
                client.connect(
                    Role.ROLE_CONTROL,
                    0,
                    controlLoop,
                    key,
                    new ControlReceiver(dispatcher, session)))
        .thenCompose(
            control -> {
              session.controlConnected(control.channel());
              learnKey(control.hello());
              int peerMillis = control.hello().getSilenceMillis();
              return connectBulk(client, session, dispatcher).thenApply(all -> peerMillis);
            })
        .thenApplyAsync(
            peerMillis ->
                new Heartbeats(
                    reconnectSettings.timeouts().silenceMillis(),
                    peerMillis,
                    environment.nanoTime()),
            controlLoop);
  }

  /** Connects all at the same time, since round trips may be long. Fails with the first failure. */
  private CompletableFuture<@Nullable Void> connectBulk(
      HelloClient client, OutgoingSession session, OutgoingDispatcher dispatcher) {
    CompletableFuture<@Nullable Void> all = new CompletableFuture<>();
    Set<Capability> offered = settings.wire().capabilities();
    int channels = settings.wire().channels();
    List<CompletableFuture<Void>> connections = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      int number = i;
      BulkReceiver receiver = new BulkReceiver(dispatcher, session, bulkLoop, channels);
      connections.add(
          client
              .connect(Role.ROLE_BULK, number, bulkLoop, key, receiver)
              .thenAcceptAsync(
                  bulk ->
                      session.bulkConnected(
                          number,
                          bulk.channel(),
                          Hellos.agreed(offered, Hellos.capabilities(bulk.hello()))),
                  controlLoop));
    }
    for (CompletableFuture<Void> each : connections) {
      each.exceptionally(
          failure -> {
            all.completeExceptionally(failure);
            return null;
          });
    }
    CompletableFuture.allOf(connections.toArray(CompletableFuture[]::new))
        .thenRun(() -> all.complete(null));
    return all;
  }

  /** Records the session key before it is used: a later process must prove to know it, too. */
  private void learnKey(Hello answer) {
    if (key == null && settings.security().needsSessionKey() && !answer.getSessionKey().isEmpty()) {
      SharedKey learned = SharedKey.ofWire(answer.getSessionKey());
      try {
        migrationIdentity.ownershipLog().connected(learned);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
      key = learned;
    }
  }

  /** Why connections could not be established, for the user. */
  static String reason(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause == null ? "could not connect" : String.valueOf(cause.getMessage());
  }
}
