package io.faultline.restore.frozen;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Service;
import io.faultline.proto.accept.ConnectionListener;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * Serves the memory of processes that {@code criu dump --lazy-pages} has frozen: reads it itself,
 * sends it over Faultline's wire, and tells the dump how to end. Start it before or after the dump,
 * on the same machine.
 *
 * <p>Needs the permission to trace the processes (ptrace(2)), as CRIU does. Thread-safe.
 */
public final class FrozenProcessSource {
  private final PageSourceNode node;
  private final InetSocketAddress address;

  private FrozenProcessSource(PageSourceNode node, InetSocketAddress address) {
    this.node = node;
    this.address = address;
  }

  /**
   * Listens for the destination, and waits for the processes to be frozen.
   *
   * @param environment its loops end with it
   * @param log gets lines for the user
   * @throws IOException if the address cannot be bound, or there is no such process; with a message
   *     for the user
   */
  public static FrozenProcessSource start(
      NodeEnvironment environment, FrozenSourceSettings settings, SourceLog log)
      throws IOException {
    return start(environment, settings, log, StopCheck.KERNEL);
  }

  /** The same with processes of which something else says that they are frozen. */
  static FrozenProcessSource start(
      NodeEnvironment environment, FrozenSourceSettings settings, SourceLog log, StopCheck check)
      throws IOException {
    FreezeProbe probe = new FreezeProbe(settings.tree(), settings.dump().getPort(), check);
    if (!probe.rootExists()) {
      throw new IOException("there is no process " + settings.tree() + " (--tree)");
    }
    IoEventLoop control = environment.newLoop("fl-pages");
    IoEventLoop bulk = environment.newLoop("fl-pages-bulk");
    PageSourceNode node = new PageSourceNode(environment, settings, probe, control, bulk, log);
    DestinationAcceptor acceptor =
        new DestinationAcceptor(
            node, settings.security().needsSessionKey(), settings.timeouts(), environment.random());
    InetSocketAddress bound =
        ConnectionListener.listen(
            environment,
            bulk,
            Service.PROCESS_MEMORY,
            acceptor,
            settings.security(),
            log::warning,
            settings.listen());
    control.execute(node::start);
    return new FrozenProcessSource(node, bound);
  }

  /** Where it listens, with the port that was chosen if 0 was asked for. */
  public InetSocketAddress address() {
    return address;
  }

  /** Completed when all is done. */
  public CompletableFuture<FrozenSourceReport> result() {
    return node.result();
  }

  /** The progress now. */
  public CompletableFuture<FrozenSourceReport> progress() {
    return CompletableFuture.supplyAsync(node::report, node.controlLoop());
  }

  /**
   * Lets the processes continue here, unless the destination has all pages: then they stay frozen.
   * If there is a destination, it is told to end its own processes first; they continue here once
   * it has, or is gone for longer than the lease, or this is called again. Completes {@link
   * #result} then; does nothing after that.
   *
   * @param why for the messages of both sides
   */
  public void release(String why) {
    if (!node.result().isDone()) { // else the loop may have ended
      node.controlLoop().execute(() -> node.release(why));
    }
  }
}
