package io.faultline.dest;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.dest.received.ReportSender;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.WrittenPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory from its registration to the end of the migration, and the connections of
 * consecutive attempts that fill it. Confined to the control loop, except for methods that say
 * otherwise.
 */
final class IncomingMemory {
  private final Kernel kernel;
  private final DestinationLoops loops;
  private final DestinationSettings settings;
  private final LongSupplier clock;
  private final IncomingCounters counters;
  private final RequestBatch requests;
  private final Consumer<String> onFailure;
  private final MemoryShortage shortage;
  private final PlacementContext context;
  private @Nullable UserfaultfdPoll poll;
  private @Nullable ReceivedSnapshot snapshot;
  private @Nullable LostPageRelease lostPages;

  /** Read by the bulk loop too. */
  private volatile @Nullable RegisteredMemory registered;

  /**
   * @param clock in nanoseconds
   * @param shortage is told when there is no memory for a page, and when there is again
   * @param onFailure called on either loop if faults cannot be read, or pages cannot be placed
   */
  IncomingMemory(
      Kernel kernel,
      DestinationLoops loops,
      DestinationSettings settings,
      LongSupplier clock,
      IncomingCounters counters,
      MemoryShortage shortage,
      Consumer<String> onFailure) {
    this.kernel = kernel;
    this.loops = loops;
    this.settings = settings;
    this.clock = clock;
    this.counters = counters;
    this.onFailure = onFailure;
    this.shortage = shortage;
    Consumer<RuntimeException> refused = e -> onFailure.accept(String.valueOf(e.getMessage()));
    requests = new RequestBatch(loops.controlPoll());
    context =
        new PlacementContext(
            requests,
            new MemoryRetries(loops.control(), shortage, refused),
            new MemoryRetries(loops.bulk(), shortage, refused),
            counters,
            settings.recording(),
            settings.needed());
  }

  /** Registers memory with userfaultfd and starts to read faults. */
  void start(
      IncomingVm vm,
      PreparedMemory prepared,
      IncomingSession session,
      BulkChannelsReceiver.Events events,
      WrittenPages written)
      throws WireException {
    List<MemoryRegion> regions = prepared.regions();
    MigrationParameters parameters = prepared.parameters();
    BulkPageStreams.check(regions, parameters.placement(), session.channels());
    if (settings.rehearses()) {
      PlacementRehearsal.run(kernel, parameters);
    }
    requests.connect(session.controlChannel());
    Kernel ofGuest = vm.kernelOfGuest(kernel);
    MemoryRegistration registration =
        MemoryRegistration.open(
            ofGuest, regions, parameters.placement(), forLoan(ofGuest, regions));
    RegisteredMemory started = fill(ofGuest, registration, parameters, session, written);
    if (started.isContinued()) {
      Prepopulation.run(kernel, regions, settings.populate(), clock);
    }
    session.setReceiver(receiver(started, session, events));
    readFaults(started);
  }

  /** Of a VM in another process no snapshot is taken meanwhile; to ask there takes long. */
  private Set<Feature> forLoan(Kernel ofGuest, List<MemoryRegion> regions) {
    return ofGuest.equals(kernel) ? MemoryLoan.features(kernel, regions) : Set.of();
  }

  /**
   * Goes on with the memory of a VM whose node was killed. The kernel kept it registered; faults
   * that the other node had read are read again, since every waiting vCPU is woken.
   *
   * @param session which has ended
   */
  void takeOver(
      IncomingVm vm, PreparedMemory prepared, IncomingSession session, SurvivingState state) {
    MigrationParameters parameters = prepared.parameters();
    Kernel ofGuest = vm.kernelOfGuest(kernel);
    MemoryRegistration registration =
        MemoryRegistration.takeOver(ofGuest, prepared.regions(), parameters.placement());
    RegisteredMemory taken = fill(ofGuest, registration, parameters, session, state);
    if (taken.isContinued()) {
      taken.setWritten(state);
    }
    taken.guestStarts();
    readFaults(taken);
    taken.wakeAll();
  }

  private RegisteredMemory fill(
      Kernel ofGuest,
      MemoryRegistration registration,
      MigrationParameters parameters,
      IncomingSession session,
      WrittenPages written) {
    RegisteredMemory started =
        RegisteredMemory.start(ofGuest, registration, parameters, context, written);
    started.agree(session.agreed());
    registered = started;
    return started;
  }

  private void readFaults(RegisteredMemory of) {
    poll =
        UserfaultfdPoll.start(
            of.userfaultfd(),
            loops.control(),
            of.faultReader()::readFaults,
            e -> onFailure.accept("reading faults failed: " + e.getMessage()));
  }

  /** The memory; null before there is any, and after all of it has arrived. */
  @Nullable RegisteredMemory registered() {
    return registered;
  }

  /** Whether a snapshot uses the userfaultfd. */
  boolean isLent() {
    RegisteredMemory current = registered;
    return current != null && current.isLent();
  }

  void precopyEnded() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.precopyEnded();
    }
  }

  void guestStarts() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.guestStarts();
    }
  }

  /** The stream of urgent pages. */
  PageStream urgentStream() throws WireException {
    RegisteredMemory current = registered;
    if (current == null) {
      throw new WireException("pages before memory was prepared");
    }
    return current.urgentStream();
  }

  /** Whether the control connection is paused, since an urgent page waits for memory. */
  boolean isUrgentParked() {
    RegisteredMemory current = registered;
    return current != null && current.urgentStream().isParked();
  }

  /** Whether placing is paused for lack of memory. */
  MemoryShortage shortage() {
    return shortage;
  }

  /** The source is lost: faults are still read, but nothing is requested. */
  void pause() {
    requests.disconnect();
  }

  /** Bulk loop: after this nothing from earlier, closed connections is placed. */
  void fenceBulk() {
    RegisteredMemory current = registered;
    if (current != null) {
      current.resetBulk();
    }
  }

  /** The same for urgent pages; after this the pages of the new connections are placed. */
  void takeFrom(IncomingSession session, BulkChannelsReceiver.Events events) throws WireException {
    RegisteredMemory current = registered;
    if (current != null) {
      Placement placement = current.isContinued() ? Placement.CONTINUE : Placement.COPY;
      BulkPageStreams.check(current.regions().all(), placement, session.channels());
      current.resetUrgent();
      snapshot = current.snapshot();
      session.setReceiver(receiver(current, session, events));
    }
  }

  /** Reports the received pages; {@code whenSent} gets the number of missing base pages. */
  void report(IncomingSession to, LongConsumer whenSent) {
    RegisteredMemory current = Objects.requireNonNull(registered, "no memory");
    ReceivedPages received = snapshot == null ? current.presentPages() : snapshot;
    to.send(new ReportSender(current.regions().all(), received, to.controlChannel(), whenSent));
  }

  /** Requests pages again: wakes every waiting vCPU, so that it faults again. */
  void resume(IncomingSession session) {
    RegisteredMemory current = registered;
    if (current != null) {
      counters.recoveries.increment();
      requests.connect(session.controlChannel());
      current.wakeAll();
    }
  }

  /** Lets the VM continue without the missing pages; returns how many base pages are missing. */
  long giveUpMissing(IncomingVm vm) {
    RegisteredMemory current = Objects.requireNonNull(registered, "no memory");
    lostPages = new LostPageRelease(loops, vm, current);
    return lostPages.run();
  }

  /**
   * Unregisters memory and closes userfaultfd.
   *
   * @param complete whether every page has arrived; otherwise missing pages read as zeros
   */
  void close(boolean complete) {
    RegisteredMemory current = endPlacing();
    if (current != null) {
      if (lostPages != null) {
        lostPages.poisonIfClear(); // the last opportunity
      }
      try {
        if (!complete) {
          current.zeroMissingHugePages();
        }
      } finally {
        current.close();
      }
    }
  }

  /** Leaves memory registered for another process: vCPUs wait for missing pages. */
  void leave() {
    RegisteredMemory current = endPlacing();
    if (current != null) {
      current.leave();
    }
  }

  /** After this no fault is read and no page is placed; returns what is to be closed, if any. */
  private @Nullable RegisteredMemory endPlacing() {
    RegisteredMemory current = registered;
    registered = null;
    if (poll != null) {
      poll.stop();
    }
    shortage.close();
    if (current != null) {
      // The bulk loop may be placing a page: that must be finished before anything is closed.
      loops.bulk().submit(current::endBulk).awaitUninterruptibly();
    }
    return current;
  }

  private BulkChannelsReceiver receiver(
      RegisteredMemory of, IncomingSession session, BulkChannelsReceiver.Events events) {
    of.ensureStreams(session.channels());
    Executor afterIo = Transport.afterIo(loops.bulk());
    return new BulkChannelsReceiver(of, session.channels(), afterIo, clock, events, snapshot);
  }
}
