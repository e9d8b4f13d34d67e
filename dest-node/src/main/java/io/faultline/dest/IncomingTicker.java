package io.faultline.dest;

import io.faultline.proto.PeerWait;
import io.faultline.proto.WaitReport;
import io.faultline.proto.WireException;
import java.util.function.Consumer;

/**
 * What happens regularly: passes the time to the state machine, tells the user who is waited for,
 * and gives the VM up if memory stays short for too long. Confined to the control loop.
 */
final class IncomingTicker {
  private final IncomingDispatcher dispatcher;
  private final IncomingMemory memory;
  private final long giveUpNanos;
  private final Consumer<String> log;
  private final WaitReport waitReport = new WaitReport();

  // Here, and not where they are used: a tick allocates no tasks.
  private final MigrationTask memoryTask = this::tickMemoryOf;
  private final MigrationTask tickTask = this::tickAndReportWait;

  /**
   * @param giveUpNanos how long memory may be short; 0 for no limit
   * @param log gets a line when this side has waited for the source for some seconds
   */
  IncomingTicker(
      IncomingDispatcher dispatcher,
      IncomingMemory memory,
      long giveUpNanos,
      Consumer<String> log) {
    this.dispatcher = dispatcher;
    this.memory = memory;
    this.giveUpNanos = giveUpNanos;
    this.log = log;
  }

  /** Called regularly. */
  void tick() throws WireException {
    tickMemory();
    dispatcher.apply(tickTask);
    dispatcher.publish(true);
  }

  /** While memory is short: reminds the user and the source of it, or gives the VM up. */
  private void tickMemory() throws WireException {
    long now = dispatcher.now();
    MemoryShortage shortage = memory.shortage();
    shortage.tick(now);
    if (shortage.lasts(giveUpNanos, now)) {
      dispatcher.failed(shortage.timeoutMessage(now));
    }
    dispatcher.apply(memoryTask);
  }

  private void tickMemoryOf(IncomingMigration of) throws WireException {
    long now = dispatcher.now();
    if (memory.isUrgentParked()) {
      of.heard(now); // the source's heartbeats wait to be read
    }
    of.memoryShort(memory.shortage().isPresent(), now);
  }

  private void tickAndReportWait(IncomingMigration of) {
    long now = dispatcher.now();
    of.tick(now);
    PeerWait wait = waitReport.due(of.waiting(now), now);
    if (wait != null && !memory.shortage().isPresent()) { // this side reads no pages meanwhile
      IncomingSession session = dispatcher.session();
      log.accept(wait.describe(session == null ? "the source" : session.source(), now));
    }
  }
}
