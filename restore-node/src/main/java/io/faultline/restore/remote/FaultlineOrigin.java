package io.faultline.restore.remote;

import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.PeerWait;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.WaitReport;
import io.faultline.proto.WireException;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ready;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.space.DumpLayout;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pages from a page source of Faultline's ({@code page-server --source}), which reads them from the
 * frozen processes. A network that breaks is connected again, and what was not answered is asked
 * again; meanwhile threads that need a page wait.
 *
 * <p>Confined to the session's event loop.
 */
public final class FaultlineOrigin implements PageOrigin, OriginAttempt.Listener {
  private static final long TICK_MILLIS = 50;

  /** How long the page source has to confirm the end, when nothing can be lost any more. */
  private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Each answer makes room for a request: several are sent with one write. */
  private static final int MAX_DEFERRED = 32;

  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final FaultlineOriginSettings settings;
  private final Consumer<String> log;
  private final String name;
  private final OriginConnections connections;
  private final SourceLease lease = new SourceLease();
  private final WaitReport waits = new WaitReport();
  private @Nullable PageReceiver receiver;
  private boolean running;
  private boolean ended;

  /** Why it failed; empty if it did not. */
  private String problem = "";

  /** Whether more may be read from a connection now: then requests are sent together after that. */
  private boolean isReading;

  /** Flushes since the last that was not deferred. */
  private int deferred;

  private boolean finishing;

  /** Whether RUN has arrived: the processes are owned by this side. */
  private boolean owned;

  private long ownedNanos;

  /**
   * @param loop the session's
   * @param identity by which the page source knows this side
   * @param log gets lines for the user
   */
  public FaultlineOrigin(
      NodeEnvironment environment,
      EventLoop loop,
      FaultlineOriginSettings settings,
      SessionIdentity identity,
      Consumer<String> log) {
    this.environment = environment;
    this.loop = loop;
    this.settings = settings;
    this.log = log;
    name = "the page source " + SocketAddresses.format(settings.source());
    connections = new OriginConnections(environment, loop, settings, identity, this);
  }

  /** What a program needs that takes over; changes with each set of connections. */
  public SessionIdentity identity() {
    return connections.identity();
  }

  /** How often connections were made again after a loss. */
  public long recoveries() {
    return connections.recoveries();
  }

  /**
   * Connects already, before {@link #start}: the handshake then takes no time of the restore. There
   * is no limit for it meanwhile.
   */
  public void connect() {
    if (!running && !ended) {
      running = true;
      connections.start();
      schedule();
    }
  }

  @Override
  public void start(PageReceiver to) {
    receiver = to;
    connect();
    connections.startLimit();
    if (!problem.isEmpty()) {
      loop.execute(() -> fail(problem)); // the caller does not expect a failure now
    }
  }

  private void schedule() {
    var _ = loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    if (ended) {
      return;
    }
    long now = environment.nanoTime();
    connections.tick(now);
    checkLimits(now);
    PeerWait due = waits.due(ended ? null : waiting(), now);
    if (due != null) {
      log.accept(due.describe(name, now));
    }
    if (!ended) {
      schedule();
    }
  }

  private void checkLimits(long now) {
    if (owned) {
      if (now - ownedNanos > GOODBYE_NANOS) {
        log.accept(
            name
                + " did not confirm the end: all pages are here, but the frozen processes may still"
                + " exist there; end them and their dump with SIGKILL");
        finished();
      }
      return;
    }
    long limit = settings.timeouts().giveUpAfter().toNanos();
    boolean tooLong =
        limit != 0
            && receiver != null
            && !connections.isConnected()
            && now - connections.lostNanos() > limit;
    if (tooLong || lease.isOver(now)) {
      fail(connections.reason() + ": gave up, so that the processes continue at their source");
    }
  }

  private @Nullable PeerWait waiting() {
    if (connections.isOpen()) {
      return null;
    }
    return connections.isConnected()
        ? new PeerWait("have the processes frozen", connections.lostNanos(), "until it gives up")
        : new PeerWait(
            "accept connections",
            connections.lostNanos(),
            "trying again (" + connections.reason() + ")");
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    if (ended) {
      return;
    }
    if (!connections.request(pid, address / DumpLayout.PAGE_BYTES, pages, urgent)) {
      loop.execute(() -> absent(pid, 0)); // the caller does not expect a failure now
    }
  }

  @Override
  public void flush() {
    if (isReading && deferred < MAX_DEFERRED) {
      deferred++;
    } else {
      deferred = 0;
      connections.flush();
    }
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public void finish() {
    finishing = true;
    if (connections.isOpen()) {
      sendEnd();
    }
  }

  private void sendEnd() {
    connections.send(
        owned
            ? Frame.newBuilder().setCompleted(Completed.getDefaultInstance()).build()
            : Frame.newBuilder().setReady(Ready.getDefaultInstance()).build());
  }

  @Override
  public void abort() {
    if (!ended) {
      end();
      Failure failure = Failure.newBuilder().setMessage("the restore failed").build();
      connections.send(Frame.newBuilder().setFailure(failure).build());
      connections.close();
    }
  }

  @Override
  public void opened(OriginAttempt attempt) {
    connections.opened();
    if (finishing) {
      sendEnd();
    }
  }

  @Override
  public void connected(@Nullable SharedKey key, int silenceMillis) {
    connections.connected(key, silenceMillis);
  }

  @Override
  public void received(OriginAttempt attempt, Frame frame) throws WireException {
    switch (frame.getBodyCase()) {
      case PROCESS_MEMORY -> {
        ProcessIndex index = ProcessIndex.of(frame.getProcessMemory());
        long now = environment.nanoTime();
        lease.announced(frame.getProcessMemory().getLeaseMillis(), now);
        connections.ping(now); // after an outage, the lease is to be confirmed again
        attempt.announced(index);
      }
      case PONG -> lease.confirmed(frame.getPong().getSourceNanos());
      case RUN -> run();
      case GOODBYE -> {
        if (!owned) {
          throw new WireException("GOODBYE before RUN");
        }
        finished();
      }
      case FAILURE -> failure(Hellos.printable(frame.getFailure().getMessage()));
      default -> throw new WireException("a " + frame.getBodyCase() + " from a page source");
    }
  }

  private void run() throws WireException {
    if (!finishing) {
      throw new WireException("RUN before all pages have arrived");
    }
    if (!owned) {
      owned = true;
      ownedNanos = environment.nanoTime();
    }
    sendEnd();
  }

  private void failure(String why) {
    if (owned) {
      log.accept(name + ": " + why);
      finished();
    } else {
      fail(name + ": " + why);
    }
  }

  @Override
  public void heard(OriginAttempt attempt) {
    if (connections.isCurrent(attempt)) {
      connections.heard();
    }
    endRead();
  }

  private void endRead() {
    isReading = false;
    if (deferred > 0) {
      deferred = 0;
      connections.flush();
    }
  }

  @Override
  public void pages(int pid, long address, int count, long data) {
    PageReceiver to = receiver;
    if (to != null) {
      isReading = true;
      connections.progressed();
      to.pages(pid, address, count, data);
    }
  }

  @Override
  public void absent(int pid, long address) {
    String what =
        address == 0
            ? " does not have process " + pid
            : String.format(": process %d has no page at 0x%x", pid, address);
    fail(name + what + ": is it beside the dump that is restored (--tree)?");
  }

  @Override
  public void lost(OriginAttempt attempt, Throwable cause) {
    if (ended || !connections.isCurrent(attempt)) {
      return;
    }
    String why =
        connections.isConnected()
            ? Transport.closeReason("the connection to " + name, cause)
            : String.valueOf(cause.getMessage());
    if (connections.isFinal(cause)) {
      fail(why);
      return;
    }
    if (connections.isConnected()) {
      log.accept(why + "; connecting again");
    }
    connections.lost(why);
    endRead();
  }

  /** Fails; before the start only once that comes. */
  private void fail(String reason) {
    PageReceiver to = receiver;
    problem = reason;
    receiver = null;
    abort();
    if (to != null) {
      to.failed(reason);
    }
  }

  private void end() {
    ended = true;
    receiver = null;
  }

  private void finished() {
    PageReceiver to = receiver;
    end();
    connections.close();
    if (to != null) {
      to.finished();
    }
  }
}
