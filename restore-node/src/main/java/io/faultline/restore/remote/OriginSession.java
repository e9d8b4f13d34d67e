package io.faultline.restore.remote;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.restore.origin.PageReceiver;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The session with a page source: passes answers to the receiver, connects again after a loss, and
 * ends once. Confined to the session's loop.
 */
final class OriginSession implements AttemptListener, SourceDialogue.Owner {
  private final String name;
  private final Consumer<String> log;
  private final OriginConnections connections;
  private final SourceDialogue dialogue;
  private final DeferredFlush requests;
  private final OutageWatch outages;
  private final NodeEnvironment environment;
  private final FailureDelivery delivery = new FailureDelivery();
  private @Nullable PageReceiver receiver;
  private boolean ended;

  /** Why it failed; empty if it did not. */
  private String problem = "";

  /** Whether the page source will never accept this side. */
  private boolean refused;

  /**
   * @param name of the page source, for messages
   * @param log gets lines for the user
   */
  OriginSession(
      NodeEnvironment environment,
      EventLoop loop,
      FaultlineOriginSettings settings,
      EarlierSession earlier,
      String name,
      Consumer<String> log) {
    this.environment = environment;
    this.name = name;
    this.log = log;
    SourceLease lease = new SourceLease();
    SourceUpdates updates = new SourceUpdates(lease);
    connections =
        new OriginConnections(
            environment, loop, settings, earlier.identity(), updates::identified, this);
    outages = new OutageWatch(connections, lease, settings.timeouts().giveUpAfter().toNanos());
    requests = new DeferredFlush(connections::flush);
    dialogue = new SourceDialogue(environment, connections, lease, updates, this);
    dialogue.inherit(earlier);
  }

  OriginConnections connections() {
    return connections;
  }

  SourceDialogue dialogue() {
    return dialogue;
  }

  boolean isEnded() {
    return ended;
  }

  /** Why it failed; empty if it did not. */
  String problem() {
    return problem;
  }

  /** The processes need pages from now on. */
  void start(PageReceiver to) {
    receiver = to;
    dialogue.start(to.source());
    connections.startLimit();
  }

  /** Sends the requests so far, now or with those of the next answers. */
  void flush() {
    requests.request();
  }

  /** Time has passed. */
  void tick(long nowNanos) {
    if (!refused) {
      connections.tick(nowNanos);
    }
    checkLimits(nowNanos);
    outages.report(problem.isEmpty() && !ended, name, log, nowNanos);
  }

  private void checkLimits(long now) {
    if (delivery.hasBegun()) {
      if (refused || delivery.isOver(now)) {
        log.accept(
            name
                + " was not told that the restore failed, and may keep its processes frozen: end it"
                + " and decide there");
        close();
      }
      return;
    }
    if (dialogue.isOwned()) {
      if (dialogue.isOverdue(now)) {
        log.accept(
            name
                + " did not confirm the end: all pages are here, but the frozen processes may still"
                + " exist there; end them and their dump with SIGKILL");
        finished();
      }
      return;
    }
    if (outages.isTooLong(receiver != null && !dialogue.isFinishing(), now)) {
      fail(connections.reason() + ": gave up, so that the processes continue at their source");
    }
  }

  /**
   * The processes have ended: tells the page source, and ends. If that waits for this, it ends only
   * once the page source has answered, or {@link FailureDelivery} is over.
   */
  void abort() {
    if (ended || delivery.hasBegun()) {
      return;
    }
    receiver = null;
    problem = problem.isEmpty() ? "the restore failed" : problem;
    dialogue.withdraw();
    sayFailure();
    if (!dialogue.isAwaited()) {
      close();
      return;
    }
    delivery.begin(environment.nanoTime());
    if (!connections.isOpen()) {
      log.accept(
          name
              + " keeps its processes frozen until it knows that the restored ones have ended:"
              + " trying to tell it, for "
              + FailureDelivery.LIMIT_SECONDS
              + " s");
    }
  }

  private void sayFailure() {
    Failure failure = Failure.newBuilder().setMessage(problem).build();
    connections.send(Frame.newBuilder().setFailure(failure).build());
  }

  @Override
  public boolean isOwned() {
    return dialogue.isOwned();
  }

  @Override
  public void opened(OriginAttempt attempt) {
    connections.opened();
    if (delivery.hasBegun()) {
      sayFailure();
    } else {
      dialogue.opened();
    }
  }

  @Override
  public void connected(@Nullable SharedKey key, int silenceMillis) {
    connections.connected(key, silenceMillis);
  }

  @Override
  public void received(OriginAttempt attempt, Frame frame) throws WireException {
    dialogue.received(attempt, frame);
  }

  @Override
  public void goodbye() {
    finished();
  }

  @Override
  public void sourceFailed(String why) {
    if (delivery.hasBegun()) {
      close(); // it knows
    } else if (dialogue.isOwned()) {
      log.accept(name + ": " + why);
      finished();
    } else {
      fail(name + ": " + why);
      if (receiver == null) {
        abort(); // there are no processes to end first, and it waits for that
      }
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
    if (dialogue.isFinishing()) {
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

  private void close() {
    end();
    connections.close();
  }

  private void finished() {
    PageReceiver to = receiver;
    close();
    if (to != null) {
      to.finished();
    }
  }
}
