package io.faultline.restore.remote;

import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
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

  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final Consumer<String> log;
  private final String name;
  private final OriginConnections connections;
  private final SourceLease lease = new SourceLease();
  private final SourceUpdates updates = new SourceUpdates(lease);
  private final CompletionAgreement agreement = new CompletionAgreement();
  private final OutageWatch outages;
  private final DeferredFlush requests;
  private @Nullable PageReceiver receiver;
  private boolean running;
  private boolean ended;

  /** Why it failed; empty if it did not. */
  private String problem = "";

  /** Whether the page source will never accept this side. */
  private boolean refused;

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
    this(environment, loop, settings, new EarlierSession(identity, Long.MAX_VALUE, false), log);
  }

  /** One that continues an earlier session. */
  public FaultlineOrigin(
      NodeEnvironment environment,
      EventLoop loop,
      FaultlineOriginSettings settings,
      EarlierSession earlier,
      Consumer<String> log) {
    this.environment = environment;
    this.loop = loop;
    this.log = log;
    name = "the page source " + SocketAddresses.format(settings.source());
    connections =
        new OriginConnections(
            environment, loop, settings, earlier.identity(), updates::identified, this);
    long limitNanos = settings.timeouts().giveUpAfter().toNanos();
    outages = new OutageWatch(connections, lease, limitNanos);
    requests = new DeferredFlush(connections::flush);
    long now = environment.nanoTime();
    lease.inherited(earlier.leaseNanos(), now);
    if (earlier.isOwned()) {
      agreement.inherited(now);
    }
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
    updates.start(to.source(), connections.identity(), environment.nanoTime());
    connect();
    connections.startLimit();
    if (!problem.isEmpty()) {
      loop.execute(() -> to.failed(problem)); // the caller does not expect a failure now
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
    if (!refused) {
      connections.tick(now);
    }
    checkLimits(now);
    outages.report(problem.isEmpty() && !ended, name, log, now);
    if (!ended) {
      schedule();
    }
  }

  private void checkLimits(long now) {
    if (agreement.isOwned()) {
      if (agreement.isOverdue(now)) {
        log.accept(
            name
                + " did not confirm the end: all pages are here, but the frozen processes may still"
                + " exist there; end them and their dump with SIGKILL");
        finished();
      }
      return;
    }
    if (outages.isTooLong(receiver != null && !agreement.hasBegun(), now)) {
      fail(connections.reason() + ": gave up, so that the processes continue at their source");
    }
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
    requests.request();
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public boolean isResumable() {
    return problem.isEmpty();
  }

  @Override
  public void finish() {
    agreement.begin();
    if (connections.isOpen()) {
      connections.send(agreement.frame());
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      end();
      String why = problem.isEmpty() ? "the restore failed" : problem;
      Failure failure = Failure.newBuilder().setMessage(why).build();
      connections.send(Frame.newBuilder().setFailure(failure).build());
      connections.close();
    }
  }

  @Override
  public void opened(OriginAttempt attempt) {
    connections.opened();
    if (agreement.hasBegun()) {
      connections.send(agreement.frame());
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
        updates.announced(now);
        connections.ping(now); // after an outage, the lease is to be confirmed again
        attempt.announced(index);
      }
      case PONG -> {
        lease.confirmed(frame.getPong().getSourceNanos());
        updates.confirmed(environment.nanoTime());
      }
      case RUN -> {
        agreement.run(environment.nanoTime());
        updates.owned(); // before the page source may end its processes
        connections.send(agreement.frame());
      }
      case GOODBYE -> {
        agreement.goodbye();
        finished();
      }
      case FAILURE -> failure(Hellos.printable(frame.getFailure().getMessage()));
      default -> throw new WireException("a " + frame.getBodyCase() + " from a page source");
    }
  }

  private void failure(String why) {
    if (agreement.isOwned()) {
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
    requests.endRead();
  }

  @Override
  public void pages(int pid, long address, int count, long data) {
    PageReceiver to = answered();
    if (to != null) {
      to.pages(pid, address, count, data);
    }
  }

  @Override
  public void zeros(int pid, long address, int count) {
    PageReceiver to = answered();
    if (to != null) {
      to.zeros(pid, address, count);
    }
  }

  /** Something was answered: who wants it; null after a failure. */
  private @Nullable PageReceiver answered() {
    if (!problem.isEmpty()) {
      return null;
    }
    requests.reading();
    connections.progressed();
    return receiver;
  }

  @Override
  public void absent(int pid, long address) {
    if (agreement.hasBegun()) {
      return; // nothing needs it
    }
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
      refused = true;
      fail(why);
      return;
    }
    if (connections.isConnected()) {
      log.accept(why + "; connecting again");
    }
    connections.lost(why);
    requests.endRead();
  }

  /**
   * Fails; before the start only once that comes. The page source is told by {@link #abort}, which
   * the receiver calls when it has ended its processes.
   */
  private void fail(String reason) {
    if (problem.isEmpty() && !ended) {
      problem = reason;
      PageReceiver to = receiver;
      if (to != null) {
        to.failed(reason);
      }
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
