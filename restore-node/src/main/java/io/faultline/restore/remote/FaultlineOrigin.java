package io.faultline.restore.remote;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.space.DumpLayout;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Pages from a page source of Faultline's ({@code page-server --source}), which reads them from the
 * frozen processes. A network that breaks is connected again, and what was not answered is asked
 * again; meanwhile threads that need a page wait.
 *
 * <p>Confined to the session's event loop.
 */
public final class FaultlineOrigin implements PageOrigin {
  private static final long TICK_MILLIS = 50;

  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final OriginSession session;
  private boolean running;

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
    String name = "the page source " + SocketAddresses.format(settings.source());
    session = new OriginSession(environment, loop, settings, earlier, name, log);
  }

  /** How often connections were made again after a loss. */
  public long recoveries() {
    return session.connections().recoveries();
  }

  /**
   * Connects already, before {@link #start}: the handshake then takes no time of the restore. There
   * is no limit for it meanwhile.
   */
  public void connect() {
    if (!running && !session.isEnded()) {
      running = true;
      session.connections().start();
      schedule();
    }
  }

  @Override
  public void start(PageReceiver to) {
    session.start(to);
    connect();
    if (!session.problem().isEmpty()) { // the caller does not expect a failure now
      loop.execute(() -> to.failed(session.problem()));
    }
  }

  private void schedule() {
    var _ = loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    if (!session.isEnded()) {
      session.tick(environment.nanoTime());
      schedule();
    }
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    long page = address / DumpLayout.PAGE_BYTES;
    if (!session.isEnded() && !session.connections().request(pid, page, pages, urgent)) {
      loop.execute(() -> session.absent(pid, 0)); // the caller does not expect a failure now
    }
  }

  @Override
  public void flush() {
    session.flush();
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public boolean isResumable() {
    return session.problem().isEmpty();
  }

  @Override
  public void finish() {
    session.dialogue().finish();
  }

  @Override
  public void withdraw() {
    session.dialogue().withdraw();
  }

  @Override
  public void abort() {
    session.abort();
  }

  @Override
  public boolean hasEnded() {
    return session.isEnded();
  }
}
