package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.proto.wire.Running;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The destination's side of a migration, as a state machine:
 *
 * <pre>
 *   RECEIVING --device state: READY--> READY --RUN: start--> RUNNING --both streams end--> COMPLETED
 *       |                                |                      |
 *       v                                v                      v
 *     FAILED (the VM goes on at the source)                   FAILED (the VM is stopped)
 * </pre>
 *
 * <p>It reads no clock: time comes in with each event. It knows no socket: it talks through an
 * {@link IncomingLink}. All calls come from one thread, the control loop.
 */
final class IncomingMigration {
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(130);
  private static final long THANKS_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final IncomingVm vm;
  private final IncomingLink link;
  private final IncomingCounters counters;
  private final long startedNanos;

  private final StalePages stale = new StalePages();

  private IncomingState state = IncomingState.RECEIVING;
  private @Nullable Arrival arrival;
  private boolean prepared;
  private boolean stateLoaded;
  private boolean discarded;
  private boolean vmStarted;
  private boolean runningSent;
  private boolean completedSent;
  private long totalPages;
  private long basePageBytes;
  private int round;
  private long discardNanos;
  private long deadlineNanos;
  private long stateArrivedNanos;
  private long readyNanos;
  private long runNanos;
  private long firstInstructionNanos;
  private long endedNanos;
  private @Nullable String error;

  IncomingMigration(IncomingVm vm, IncomingLink link, IncomingCounters counters, long nowNanos) {
    this.vm = vm;
    this.link = link;
    this.counters = counters;
    this.startedNanos = nowNanos;
    this.deadlineNanos = nowNanos + QUIET_NANOS;
  }

  IncomingState state() {
    return state;
  }

  /** A control frame arrived. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PING -> pong(frame.getPing().getSourceNanos(), nowNanos);
      case VM_DESCRIPTION -> describe(frame.getVmDescription());
      case DEVICE_STATE -> load(frame.getDeviceState(), nowNanos);
      case RUN -> run(nowNanos);
      case STREAM_END -> urgentStreamEnded(frame.getStreamEnd());
      case GOODBYE -> goodbye(nowNanos);
      case FAILURE ->
          failed(
              "the source gave up: " + Hellos.printable(frame.getFailure().getMessage()), nowNanos);
      default -> throw unexpected(frame.getBodyCase().toString());
    }
  }

  /** The time after READY was sent, so that loading can be told from waiting. */
  void readySent(long nowNanos) {
    if (state == IncomingState.READY && readyNanos == 0) {
      readyNanos = nowNanos;
    }
  }

  /** Whether pages on the control connection are in order now: nobody has asked before. */
  void checkUrgentPages() throws WireException {
    if (state != IncomingState.RUNNING) {
      throw unexpected("run of pages");
    }
  }

  /** All that a precopy round carried is in place. */
  void roundReceived(int received) throws WireException {
    if (state != IncomingState.RECEIVING || stateLoaded || received != round + 1) {
      throw unexpected("end of round " + received);
    }
    round = received;
    RoundReceived answer = RoundReceived.newBuilder().setRound(received).build();
    link.send(Frame.newBuilder().setRoundReceived(answer).build());
  }

  /** Pages that will be sent again are forgotten; the time is that of the end. */
  void discarded(long pages, long tookNanos) throws WireException {
    if (state != IncomingState.RECEIVING || discarded) {
      throw unexpected("set of pages to discard");
    }
    discarded = true;
    discardNanos = tookNanos;
    stale.expect(pages);
    readyIfAllIsLoaded();
  }

  /** It is known how many pages are still to come. */
  void staleKnown(long pages) {
    stale.expect(pages);
    completeIfAllIsHere();
  }

  /** The bulk connection has brought its last page, and that is in place. */
  void bulkStreamEnded(long announcedPages, long receivedPages) {
    stale.bulkEnded(announcedPages, receivedPages);
    completeIfAllIsHere();
  }

  /** Called from time to time. */
  void tick(long nowNanos) {
    if (completedSent && deadlineNanos == 0) {
      deadlineNanos = nowNanos + THANKS_NANOS;
    }
    if (!state.isFinal() && deadlineNanos != 0 && nowNanos - deadlineNanos > 0) {
      failed("the source did not go on in time during " + state, nowNanos);
    }
  }

  /** Either connection is gone, or something on this side broke. */
  void failed(String why, long nowNanos) {
    if (state.isFinal()) {
      return;
    }
    endedNanos = nowNanos;
    if (completedSent) {
      // Every page is here: the source's thanks are all that is missing.
      state = IncomingState.COMPLETED;
      link.ended();
      return;
    }
    error =
        vmStarted
            ? why
                + "; the VM was stopped, since "
                + stale.missing(counters.pagesPlaced(), totalPages)
            : why;
    state = IncomingState.FAILED;
    link.send(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build());
    letGo();
    link.ended();
  }

  /** Stops the VM and lets go of its memory, in this order, or of neither. */
  private void letGo() {
    try {
      if (vmStarted) {
        vm.abandon();
      }
      link.unwatch();
    } catch (RuntimeException e) { // the end must be told all the same
      error += "; the VM could not be let go: " + e.getMessage();
    }
  }

  IncomingReport report() {
    return new IncomingReport(
        state,
        vmStarted,
        error,
        arrival == null ? "" : arrival.mode(),
        arrival == null ? null : arrival.placement(),
        endedNanos - startedNanos,
        firstInstructionNanos == 0 ? -1 : endedNanos - firstInstructionNanos,
        basePageBytes,
        totalPages,
        counters.precopyPages.sum(),
        counters.pagesPlaced(),
        counters.alreadyPresent.sum(),
        counters.faults.sum(),
        counters.localFaults.sum());
  }

  private void pong(long sourceNanos, long nowNanos) {
    Pong pong = Pong.newBuilder().setSourceNanos(sourceNanos).setDestinationNanos(nowNanos).build();
    link.send(Frame.newBuilder().setPong(pong).build());
  }

  private void describe(VmDescription description) throws WireException {
    if (state != IncomingState.RECEIVING || prepared) {
      throw unexpected("VM_DESCRIPTION");
    }
    List<AnnouncedRegion> announced = Announcements.check(description);
    Arrival coming = Arrival.of(description);
    arrival = coming;
    try {
      List<MemoryRegion> regions =
          vm.prepare(
              Hellos.printable(description.getType()), description.getConfiguration(), announced);
      requireAnnounced(announced, regions);
      coming.check(regions, description.getBasePageBytes());
      basePageBytes = description.getBasePageBytes();
      totalPages = regions.stream().mapToLong(MemoryRegion::basePageCount).sum();
      link.watch(regions, coming);
    } catch (IncomingVmException e) {
      throw new WireException("this destination cannot run the VM: " + e.getMessage(), e);
    }
    prepared = true;
    if (coming.precopy()) {
      deadlineNanos = 0; // a large VM over a slow link takes its time: TCP watches the peer
    } else if (!coming.tellsStale()) {
      stale.expect(totalPages);
    }
    link.send(Frame.newBuilder().setMemoryPrepared(MemoryPrepared.getDefaultInstance()).build());
  }

  /** Page frames name regions by number: the VM must have them as they were announced. */
  private static void requireAnnounced(List<AnnouncedRegion> announced, List<MemoryRegion> built) {
    List<AnnouncedRegion> regions =
        built.stream()
            .map(r -> new AnnouncedRegion(r.id(), r.name(), r.sizeBytes(), r.pageBytes()))
            .toList();
    if (!regions.equals(announced)) {
      throw new IllegalStateException("the VM has " + regions + ", announced were " + announced);
    }
  }

  private void load(DeviceState deviceState, long nowNanos) throws WireException {
    if (state != IncomingState.RECEIVING || !prepared || stateLoaded) {
      throw unexpected("DEVICE_STATE");
    }
    stateArrivedNanos = nowNanos;
    deadlineNanos = nowNanos + QUIET_NANOS;
    try {
      vm.loadDeviceState(deviceState.getState(), deviceState.getClockOffsetNanos());
    } catch (IncomingVmException e) {
      throw new WireException("the device state cannot be loaded: " + e.getMessage(), e);
    }
    stateLoaded = true;
    if (arrival != null && !arrival.discards()) { // else what is to be discarded may still come
      link.precopyEnded();
    }
    readyIfAllIsLoaded();
  }

  private void readyIfAllIsLoaded() {
    boolean waits = arrival != null && arrival.discards() && !discarded;
    if (stateLoaded && !waits) {
      state = IncomingState.READY;
      link.send(Frame.newBuilder().setReady(Ready.getDefaultInstance()).build());
    }
  }

  private void run(long nowNanos) throws WireException {
    if (state != IncomingState.READY) {
      throw unexpected("RUN");
    }
    state = IncomingState.RUNNING;
    runNanos = nowNanos;
    deadlineNanos = 0; // a large VM over a slow link takes its time: TCP watches the peer
    vmStarted = true;
    link.guestRuns();
    vm.start(nanos -> link.later(() -> firstInstruction(nanos)));
  }

  private void firstInstruction(long nanos) {
    if (state != IncomingState.RUNNING) {
      return;
    }
    firstInstructionNanos = nanos;
    Running running =
        Running.newBuilder()
            .setFirstInstructionNanos(nanos)
            .setLoadNanos(readyNanos - stateArrivedNanos)
            .setStartNanos(nanos - runNanos)
            .setDiscardNanos(discardNanos)
            .build();
    link.send(Frame.newBuilder().setRunning(running).build());
    runningSent = true;
    completeIfAllIsHere();
  }

  private void urgentStreamEnded(StreamEnd end) throws WireException {
    if (state != IncomingState.RUNNING || stale.isUrgentEnded()) {
      throw unexpected("STREAM_END");
    }
    stale.urgentEnded(end.getPages(), counters.urgentPages.sum());
    completeIfAllIsHere();
  }

  private void completeIfAllIsHere() {
    boolean mayEnd = runningSent && !completedSent && state == IncomingState.RUNNING;
    if (!mayEnd || !stale.areHere()) {
      return;
    }
    link.unwatch();
    completedSent = true;
    Completed completed =
        Completed.newBuilder()
            .setFaults(counters.faults.sum())
            .setPagesPlaced(counters.pagesPlaced())
            .build();
    link.send(Frame.newBuilder().setCompleted(completed).build());
  }

  private void goodbye(long nowNanos) throws WireException {
    if (!completedSent) {
      throw unexpected("GOODBYE");
    }
    endedNanos = nowNanos;
    state = IncomingState.COMPLETED;
    link.ended();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state);
  }
}
