package io.faultline.restore.frozen;

import io.faultline.proto.Heartbeats;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.uffd.SystemCallException;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects the state machine of a page source to its connections, its clock and the dump. Confined
 * to the control loop, except where a method says otherwise.
 */
final class PageSourceNode implements SourceEffects {
  private static final long PROBE_MILLIS = 10;
  private static final long TICK_MILLIS = 50;

  private final NodeEnvironment environment;
  private final FrozenSourceSettings settings;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final SourceLog log;
  private final FreezeProbe probe;
  private final DumpSession dump;
  private final SourceLifecycle lifecycle;
  private final PageServings servings;
  private final SourceCounters counters = new SourceCounters();
  private final CompletableFuture<FrozenSourceReport> result = new CompletableFuture<>();
  private final DestinationLink destination = new DestinationLink();

  /** Whether a destination knows the processes, and may run them. Read by the accept loop. */
  private volatile boolean claimed;

  PageSourceNode(
      NodeEnvironment environment,
      FrozenSourceSettings settings,
      FreezeProbe probe,
      IoEventLoop controlLoop,
      IoEventLoop bulkLoop,
      SourceLog log) {
    this.environment = environment;
    this.settings = settings;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.log = log;
    this.probe = probe;
    dump = new DumpSession(environment, controlLoop, settings.dump(), settings.dumpTls());
    servings =
        new PageServings(settings.compression(), counters, environment::nanoTime, this::thawed);
    lifecycle =
        new SourceLifecycle(
            this,
            Math.toIntExact(settings.timeouts().giveUpAfter().toMillis()),
            settings.freezeLimit().toNanos(),
            SocketAddresses.format(settings.dump()),
            environment.nanoTime());
  }

  IoEventLoop controlLoop() {
    return controlLoop;
  }

  IoEventLoop bulkLoop() {
    return bulkLoop;
  }

  /** Any thread. */
  CompletableFuture<FrozenSourceReport> result() {
    return result;
  }

  /** Any thread. */
  boolean isClaimed() {
    return claimed;
  }

  /** Requests so far, for which a thread waits. Any thread. */
  long urgentRequests() {
    return counters.urgent.sum();
  }

  /** Starts looking for the frozen processes. */
  void start() {
    tick();
  }

  private void tick() {
    long now = environment.nanoTime();
    if (lifecycle.phase() == SourcePhase.FREEZING) {
      look(now);
    }
    if (destination.isSilent(now)) {
      lose(
          "the connection to the destination was silent for "
              + settings.timeouts().silence().toMillis()
              + " ms");
    }
    lifecycle.tick(now);
    if (lifecycle.phase() != SourcePhase.ENDED) {
      long millis = lifecycle.phase() == SourcePhase.FREEZING ? PROBE_MILLIS : TICK_MILLIS;
      var _ = controlLoop.schedule(this::tick, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void look(long now) {
    FrozenTree tree;
    try {
      tree = probe.look();
    } catch (UncheckedIOException | SystemCallException e) {
      lifecycle.release("cannot look at the processes (run this as root): " + e.getMessage());
      return;
    }
    if (tree == null) {
      lifecycle.notFrozen(probe.missing(), now);
      return;
    }
    try {
      dump.listens();
      lifecycle.frozen(tree, now);
    } catch (IOException e) {
      tree.close();
      lifecycle.release(String.valueOf(e.getMessage()));
    }
  }

  /** A control connection's hello was answered. */
  void connected(DestinationSession next, Channel channel) {
    counters.connections.increment();
    long now = environment.nanoTime();
    int silence = settings.timeouts().silenceMillis();
    destination.open(next, channel, new Heartbeats(silence, next.silenceMillis(), now));
    claimed = claimed || next.isOwner();
    lifecycle.connected(next.isOwner(), now);
  }

  /** Bytes have arrived on a control connection. */
  void heard(DestinationSession from) {
    if (destination.isCurrent(from)) {
      long now = environment.nanoTime();
      destination.heard(now);
      lifecycle.heard(now);
    }
  }

  /** A frame other than a request. */
  void received(DestinationSession from, Frame frame) throws WireException {
    if (destination.isCurrent(from)) {
      lifecycle.received(frame, () -> servings.isFrozen());
    }
  }

  /** What answers the requests of a connection. On the connection's loop. */
  @Nullable PageServing serving(DestinationSession of, Channel channel, boolean bulk) {
    return servings.open(of, channel, bulk);
  }

  /** A connection is lost, so all of its session are closed. Any thread. */
  void lost(DestinationSession of, Throwable cause) {
    controlLoop.execute(
        () -> {
          if (destination.isCurrent(of)) {
            lose(Transport.closeReason("the connection to the destination", cause));
          }
        });
  }

  private void lose(String why) {
    if (destination.close()) {
      lifecycle.disconnected(why);
    }
  }

  /** A process runs or has ended. Any thread. */
  private void thawed(String why) {
    controlLoop.execute(() -> lifecycle.thawed(why));
  }

  /** The user ends this program. */
  void release(String why) {
    lifecycle.release(why);
  }

  @Override
  public void send(Frame frame) {
    if (destination.send(frame)) {
      claimed = claimed || frame.hasProcessMemory();
    }
  }

  @Override
  public void serve(FrozenTree tree) {
    servings.start(tree);
  }

  @Override
  public void disconnect(String reason) {
    destination.close(SourceFrames.failure(reason, false));
  }

  @Override
  public void closeDump() {
    dump.close().whenComplete((done, failure) -> dumpEnded(failure));
  }

  @Override
  public void resetDump() {
    dump.reset().whenComplete((done, failure) -> dumpEnded(failure));
  }

  private void dumpEnded(@Nullable Throwable failure) {
    String why = failure instanceof IOException known ? String.valueOf(known.getMessage()) : "";
    if (failure != null && why.isEmpty()) {
      why = failure.toString();
    }
    lifecycle.dumpEnded(why, environment.nanoTime());
  }

  @Override
  public void kill(FrozenTree tree) {
    tree.kill();
  }

  @Override
  public void log(String line) {
    log.warning(line);
  }

  @Override
  public void info(String line) {
    log.info(line);
  }

  @Override
  public void ended(SourceOutcome outcome, String message) {
    lose("");
    servings.close(bulkLoop);
    result.complete(report(outcome, message));
  }

  /** The progress so far. */
  FrozenSourceReport report() {
    return report(SourceOutcome.LEFT, "");
  }

  private FrozenSourceReport report(SourceOutcome outcome, String message) {
    return counters.report(lifecycle.phase(), outcome, message, servings.processes());
  }
}
