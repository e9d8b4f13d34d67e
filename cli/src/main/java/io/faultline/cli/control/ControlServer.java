package io.faultline.cli.control;

import io.faultline.cli.status.LiveNode;
import io.faultline.dest.MigrationDestination;
import io.faultline.proto.control.ControlMessages;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The control socket of a node: a Unix domain socket in its state directory, for processes of the
 * same user. A node that cannot have one says so and continues without. Closing removes it.
 */
public final class ControlServer implements AutoCloseable {
  static final int MAX_CLIENTS = 16;

  private static final long IDLE_MILLIS = 60_000;
  private static final long FINAL_STATUS_MILLIS = 500;
  private static final String OWNER_ONLY = "rw-------";

  private final Path path;
  private final ControlledNode node;
  private final long idleMillis;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<ControlSession> sessions = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocketChannel listener;

  private ControlServer(Path path, ControlledNode node, long idleMillis) {
    this.path = path;
    this.node = node;
    this.idleMillis = idleMillis;
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("control-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Opens the control socket of a source.
   *
   * @param remarks receives a line if there can be none
   * @param migrationId 32 digits
   */
  public static ControlServer ofSource(
      Path directory,
      MigrationSource source,
      CompletableFuture<OutgoingReport> result,
      String migrationId,
      Consumer<String> remarks) {
    return open(ownSocket(directory), new ControlledSource(source, result, migrationId), remarks);
  }

  /** Opens the control socket of a destination; as the one of a source. */
  public static ControlServer ofDestination(
      Path directory, MigrationDestination destination, Consumer<String> remarks) {
    return open(ownSocket(directory), new ControlledDestination(destination), remarks);
  }

  /** Opens the control socket of a node with a VM in its process; as the one of a source. */
  static ControlServer ofVm(Path directory, ControlledVm node, Consumer<String> remarks) {
    return open(ownSocket(directory), node, remarks);
  }

  /**
   * Opens the control socket of a pager, which answers queries alone.
   *
   * @param status its figures; called on threads of the server
   */
  public static ControlServer ofPager(
      Path directory, Supplier<ObjectNode> status, Consumer<String> remarks) {
    return open(ownSocket(directory), new ControlledPager(status), remarks);
  }

  private static Path ownSocket(Path directory) {
    return LiveNode.socket(directory, ProcessHandle.current().pid());
  }

  private static ControlServer open(Path path, ControlledNode node, Consumer<String> remarks) {
    ControlServer server = new ControlServer(path, node, IDLE_MILLIS);
    try {
      server.listen();
    } catch (IOException e) {
      server.close();
      remarks.accept("faultline control cannot reach this node: " + path + ": " + e.getMessage());
    }
    return server;
  }

  /** As the public ones, with another limit to silence, and without a remark; for tests. */
  static ControlServer open(Path path, ControlledNode node, long idleMillis) throws IOException {
    ControlServer server = new ControlServer(path, node, idleMillis);
    server.listen();
    return server;
  }

  private void listen() throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      removeStale(directory);
    }
    Files.deleteIfExists(path); // of an earlier process with this id
    ServerSocketChannel opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener = opened;
    opened.bind(UnixDomainSocketAddress.of(path), MAX_CLIENTS);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(OWNER_ONLY));
    PeerCheck check = new PeerCheck(path);
    Thread.ofPlatform().daemon().name("control-accept").start(() -> accept(opened, check));
  }

  /** Removes the sockets of nodes that were killed: nothing listens there. */
  private static void removeStale(Path directory) throws IOException {
    for (Path each : LiveNode.sockets(directory)) {
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(each))) {
        assert channel.isConnected();
      } catch (ConnectException e) {
        Files.deleteIfExists(each);
      }
    }
  }

  private void accept(ServerSocketChannel from, PeerCheck check) {
    while (from.isOpen()) {
      try {
        SocketChannel client = from.accept();
        if (!check.allows(client)) {
          client.close();
        } else if (sessions.size() >= MAX_CLIENTS) {
          refuse(client);
        } else {
          serve(client);
        }
      } catch (IOException e) {
        pause(); // the socket is closed, or there is no descriptor for the next client
      }
    }
  }

  private void serve(SocketChannel client) {
    ControlSession session = new ControlSession(client, node, timer, idleMillis);
    sessions.add(session);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                session.run();
              } finally {
                sessions.remove(session);
              }
            });
  }

  private static void refuse(SocketChannel client) throws IOException {
    try (client) {
      String why = "this node has " + MAX_CLIENTS + " clients already; try again later";
      ControlMessages.write(
          Channels.newOutputStream(client), Outcomes.response(ControlOutcome.refused(why)));
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives clients that watch the final status, and closes the socket. */
  @Override
  public void close() {
    try {
      ServerSocketChannel open = listener;
      if (open != null) {
        open.close();
        Files.deleteIfExists(path);
      }
      for (ControlSession each : sessions) {
        if (!each.awaitFinalStatus(FINAL_STATUS_MILLIS)) {
          break; // the node does not wait for slow clients, one after another
        }
      }
    } catch (IOException e) {
      return; // a stale socket does no harm: the next process with this id deletes it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sessions.forEach(ControlSession::close);
      timer.shutdownNow();
    }
  }
}
