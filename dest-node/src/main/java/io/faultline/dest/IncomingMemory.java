package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.uffd.Kernel;
import io.netty.channel.IoEventLoop;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory from its announcement to the end, and how the connections of one attempt after
 * another get at it. Belongs to the control loop, but for what says otherwise.
 */
final class IncomingMemory {
  private static final int CLEAR_MILLIS = 2;

  private final Kernel kernel;
  private final IoEventLoop controlLoop;
  private final IoEventLoop bulkLoop;
  private final Populate populate;
  private final LongSupplier clock;
  private final IncomingCounters counters;
  private final RequestBatch requests;
  private final Consumer<Throwable> onFailure;
  private @Nullable UserfaultfdPoll poll;
  private @Nullable ReceivedSnapshot snapshot;
  private @Nullable LostPagePoisoning poisoning;

  /** Read by the bulk loop too. */
  private volatile @Nullable RegisteredMemory registered;

  /**
   * @param populate which memory is taken beforehand
   * @param clock in nanoseconds
   * @param onFailure called on the control loop where faults cannot be read
   */
  IncomingMemory(
      Kernel kernel,
      IoEventLoop controlLoop,
      LoopPoll controlPoll,
      IoEventLoop bulkLoop,
      Populate populate,
      LongSupplier clock,
      IncomingCounters counters,
      Consumer<Throwable> onFailure) {
    this.kernel = kernel;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.populate = populate;
    this.clock = clock;
    this.counters = counters;
    this.onFailure = onFailure;
    requests = new RequestBatch(controlPoll);
  }

  /** Registers memory with userfaultfd and begins to read faults. */
  void start(
      List<MemoryRegion> regions,
      MigrationParameters parameters,
      IncomingSession session,
      BulkChannelsReceiver.Events events)
      throws WireException {
    BulkPageStreams.check(regions, parameters.placement(), session.channels());
    PlacingRehearsal.run(kernel, parameters);
    requests.connect(session.controlChannel());
    RegisteredMemory started =
        RegisteredMemory.start(kernel, regions, parameters, requests, counters);
    started.agree(session.agreed());
    registered = started;
    if (started.isContinued()) {
      Prepopulation.run(kernel, regions, populate, clock);
    }
    session.take(receiver(started, session, events));
    poll =
        UserfaultfdPoll.start(
            started.userfaultfd(), controlLoop, started.faultReader()::readFaults, onFailure);
  }

  void precopyEnded() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.precopyEnded();
    }
  }

  void guestRuns() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.guestRuns();
    }
  }

  /** The stream of urgent pages. */
  PageStream urgentStream() throws WireException {
    RegisteredMemory current = registered;
    if (current == null) {
      throw new WireException("pages where no memory is prepared");
    }
    return current.urgentStream();
  }

  /** The source is lost: faults are read, but nobody is asked. */
  void pause() {
    requests.disconnect();
  }

  /** Bulk loop: behind this nothing of earlier connections, which are closed, is placed. */
  void fenceBulk() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.resetBulk();
    }
  }

  /** The same of urgent pages, and then what new connections bring is taken. */
  void takeFrom(IncomingSession session, BulkChannelsReceiver.Events events) throws WireException {
    RegisteredMemory current = registered;
    if (current != null) {
      Placement placement = current.isContinued() ? Placement.CONTINUE : Placement.COPY;
      BulkPageStreams.check(current.regions().all(), placement, session.channels());
      current.resetUrgent();
      snapshot = current.snapshot();
      session.take(receiver(current, session, events));
    }
  }

  /** Sends what is here; {@code whenSent} gets how many base pages are missing. */
  void report(IncomingSession to, LongConsumer whenSent) {
    RegisteredMemory current = Objects.requireNonNull(registered, "no memory");
    ReceivedPages here = snapshot == null ? current.presentPages() : snapshot;
    ReportWriter writer = new ReportWriter(current.regions().all(), here);
    to.send(new ReportSender(writer, to.controlChannel(), whenSent));
  }

  /** Faults are asked for again: all that wait are woken, so that they fault once more. */
  void resume(IncomingSession session) {
    RegisteredMemory current = registered;
    if (current != null) {
      counters.recoveries.increment();
      requests.connect(session.controlChannel());
      current.wakeAll();
    }
  }

  /** Nobody comes back: the VM goes on without what is missing. Returns how many base pages. */
  long lose(IncomingVm vm) {
    RegisteredMemory current = Objects.requireNonNull(registered, "no memory");
    bulkLoop.submit(current::resetBulk).awaitUninterruptibly(); // it may be placing a page now
    current.resetUrgent();
    ReceivedSnapshot now = current.snapshot();
    LostPages lost =
        new LostPages(current.regions().all(), now == null ? current.presentPages() : now);
    boolean byVm = vm.lose(lost.byRegion());
    current.lose(lost, byVm);
    if (byVm) {
      poisoning = new LostPagePoisoning(current, lost, vm::isClearOfLost);
      poisonWhenClear(poisoning);
    }
    return lost.count();
  }

  /** vCPUs that wait get zeros from this loop, and so cannot be waited for. */
  private void poisonWhenClear(LostPagePoisoning of) {
    if (!of.poisonIfClear()) {
      controlLoop.schedule(() -> poisonWhenClear(of), CLEAR_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Lets go of userfaultfd.
   *
   * @param complete whether every page is there; else zeros are in the place of those that are not
   */
  void close(boolean complete) {
    RegisteredMemory current = registered;
    registered = null;
    if (poll != null) {
      poll.stop();
    }
    if (current != null) {
      // The bulk loop may be placing a page right now: it must be through before all is closed.
      bulkLoop.submit(() -> {}).awaitUninterruptibly();
      if (poisoning != null) {
        poisoning.poisonIfClear(); // the last chance
      }
      if (!complete) {
        current.zeroMissing();
      }
      current.close();
    }
  }

  private BulkChannelsReceiver receiver(
      RegisteredMemory of, IncomingSession session, BulkChannelsReceiver.Events events) {
    of.provide(session.channels());
    Executor afterIo = Transport.afterIo(bulkLoop);
    return new BulkChannelsReceiver(of, session.channels(), afterIo, clock, events, snapshot);
  }
}
