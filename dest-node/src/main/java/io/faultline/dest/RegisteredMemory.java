package io.faultline.dest;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.dest.recording.IncomingRecording;
import io.faultline.dest.recording.PlacementLog;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.WrittenPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory that is registered with userfaultfd, and the objects that fill it: page streams and
 * their targets, the current bitmap, the fault reader.
 *
 * <p>Created and closed by the control loop; the bulk loop uses the methods for bulk streams, the
 * discard set and the stale set.
 */
final class RegisteredMemory implements AutoCloseable {
  private final Kernel kernel;
  private final MemoryRegistration registration;
  private final IncomingRegions regions;
  private final PagePlacer placer;
  private final CurrentPages current;
  private final boolean continued;
  private final PageStreams streams;
  private final FaultReader faultReader;
  private final @Nullable PlacementLog bulkLog;
  private final MemoryWaits bulkWaits;
  private final LocalFaultResolver localFaults;
  private @Nullable LentUserfaultfd lent;
  private volatile GuestPhase phase;
  private volatile boolean placingEnded;
  private volatile boolean closed;

  private RegisteredMemory(
      Kernel kernel,
      MemoryRegistration registration,
      MigrationParameters parameters,
      PlacementContext context,
      WrittenPages written) {
    this.kernel = kernel;
    this.registration = registration;
    List<MemoryRegion> all = registration.regions();
    regions = new IncomingRegions(all);
    phase = parameters.precopy() ? GuestPhase.PRECOPY : GuestPhase.SWITCHOVER;
    continued = parameters.placement() == Placement.CONTINUE;
    IncomingCounters counters = context.counters();
    placer = new PagePlacer(kernel, registration.userfaultfd(), registration.pagemap(), counters);
    current = new CurrentPages(continued ? all : List.of(), written);
    IncomingRecording recording = context.recording();
    if (recording != null) {
      recording.begin(all, !continued);
    }
    NeededPages needed = context.needed();
    if (needed != null) {
      needed.begin(all);
    }
    bulkLog = recording == null ? null : recording.bulk();
    bulkWaits = context.bulkWaits();
    streams = new PageStreams(regions, placer, this::phase, context, this::target);
    localFaults =
        new LocalFaultResolver(
            current, continued, placer, context.urgentWaits(), registration::wakeAll);
    faultReader =
        new FaultReader(
            registration.userfaultfd(),
            regions,
            localFaults,
            context.requests(),
            counters,
            recording == null ? null : recording.faults(),
            needed);
  }

  /**
   * Creates what fills memory.
   *
   * @param registration closed with it
   * @param written takes note of pages that are complete, with placement continue
   */
  static RegisteredMemory start(
      Kernel kernel,
      MemoryRegistration registration,
      MigrationParameters parameters,
      PlacementContext context,
      WrittenPages written) {
    try {
      return new RegisteredMemory(kernel, registration, parameters, context, written);
    } catch (RuntimeException | Error e) {
      registration.giveUp();
      throw e;
    }
  }

  /** Sets the capabilities of both sides; before the first page. */
  void agree(Set<Capability> agreed) {
    streams.agree(agreed);
  }

  Userfaultfd userfaultfd() {
    return registration.userfaultfd();
  }

  IncomingRegions regions() {
    return regions;
  }

  PageStream urgentStream() {
    return streams.urgent();
  }

  /** The stream of a bulk connection. */
  PageStream bulkStream(int channel) {
    return streams.bulk().get(channel);
  }

  /** Control loop, before the first page: sets the number of bulk connections; initially 1. */
  void ensureStreams(int channels) {
    streams.bulk().ensureStreams(channels);
  }

  FaultReader faultReader() {
    return faultReader;
  }

  GuestPhase phase() {
    return phase;
  }

  /** Whether pages are placed with CONTINUE. */
  boolean isContinued() {
    return continued;
  }

  /** Precopy has ended: no page arrives before the guest runs. */
  void precopyEnded() {
    phase = GuestPhase.SWITCHOVER;
  }

  /** The guest is about to run here. */
  void guestStarts() {
    phase = GuestPhase.RUNNING;
  }

  /**
   * Control loop: lends the userfaultfd to a snapshot. From then on, once the bulk loop has passed,
   * pages are write-protected when they are placed.
   *
   * @param onClose called by the snapshot when it has ended
   * @throws SnapshotException if that is not possible, with the reason
   */
  LentUserfaultfd lend(Consumer<LentUserfaultfd> onClose) {
    if (lent != null) {
      throw new SnapshotException(
          "a snapshot of this VM is being taken: wait until it has ended, then try again");
    }
    MemoryLoan.requirePossible(userfaultfd(), regions.all(), continued);
    LentUserfaultfd next = new LentUserfaultfd(userfaultfd(), registration.pagemap(), onClose);
    for (MemoryRegion region : regions.all()) {
      next.register(
          region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.WRITE_PROTECT));
    }
    lent = next;
    faultReader.setLent(next);
    placer.setProtecting(true);
    return next;
  }

  /** Any thread: once both loops have passed, no page is protected any more when it is placed. */
  void endProtecting() {
    placer.setProtecting(false);
  }

  /** Control loop: the snapshot has ended, and no page is protected. */
  void takeBack() {
    lent = null;
    faultReader.setLent(null);
  }

  /** Control loop: whether a snapshot has the userfaultfd. */
  boolean isLent() {
    return lent != null;
  }

  Pagemap pagemap() {
    return registration.pagemap();
  }

  DiscardBatch newDiscardBatch() {
    return new DiscardBatch(kernel);
  }

  /** Bulk loop: maps the current pages, once the stale set is known. */
  CurrentMapper newMapper() {
    return new CurrentMapper(
        regions.all(), current, placer, registration.transferPagemap(), bulkLog);
  }

  /** Bulk loop: a run of the stale set; pages that are not stale are current. */
  void setCurrent(MemoryRegion region, long first, long end, boolean stale) {
    if (!stale) {
      current.set(region, first, end);
    }
  }

  /** Before the first page: the pages that another process had written. */
  void setWritten(SurvivingState state) {
    for (MemoryRegion region : regions.all()) {
      current.of(region).or(state.written(region.id()));
    }
  }

  /** Bulk loop: where it waits for memory. */
  MemoryWaits bulkWaits() {
    return bulkWaits;
  }

  /** Bulk loop: nothing is placed by it any more, also not what waits for memory. */
  void endBulk() {
    placingEnded = true;
    resetBulk();
  }

  /** Whether {@link #endBulk} was called. */
  boolean isPlacingEnded() {
    return placingEnded;
  }

  /** Bulk loop: drops the runs that lost bulk connections left unfinished. */
  void resetBulk() {
    streams.bulk().reset();
  }

  /** Control loop: the same for urgent pages. */
  void resetUrgent() {
    streams.urgent().reset();
  }

  /** With placement copy: the received pages, while none are being placed. */
  ReceivedPages presentPages() {
    return ReceivedPages.inPageTable(registration.pagemap());
  }

  /** With placement continue: the current pages, while none are being placed; otherwise null. */
  @Nullable ReceivedSnapshot snapshot() {
    return continued ? new ReceivedSnapshot(current.copy()) : null;
  }

  /**
   * Control loop: the missing pages will never arrive.
   *
   * @param handledByVm whether the VM handles accesses to them itself: those that wait get zeros;
   *     otherwise the pages are poisoned
   */
  void giveUp(LostPages pages, boolean handledByVm) {
    if (handledByVm) {
      localFaults.setZeroMissing(true);
    } else {
      pages.poison(registration.userfaultfd());
    }
    wakeAll();
  }

  /** Control loop: poisons lost pages, once the VM is clear of them. */
  void poison(LostPages pages) {
    localFaults.setZeroMissing(false);
    pages.poisonInPlaceOfZeros(kernel, registration.userfaultfd());
  }

  /** Wakes every waiting vCPU: it faults again, and its page is requested again. */
  void wakeAll() {
    registration.wakeAll();
  }

  /** Any thread: whether userfaultfd has been closed. */
  boolean isClosed() {
    return closed;
  }

  /** Lets a vCPU end that waits for a huge page; see {@link MissingHugePages}. */
  void zeroMissingHugePages() {
    if (!continued) {
      MissingHugePages.zero(kernel, regions.all(), this::presentPages);
    }
  }

  /**
   * Closes userfaultfd: a vCPU that still waits for a page continues with zeros. No other thread
   * may use this object meanwhile.
   */
  @Override
  public void close() {
    end(registration::close);
  }

  /** As {@link #close}, but a vCPU that waits for a page waits for another process. */
  void leave() {
    end(registration::detach);
  }

  private void end(Runnable endRegistration) {
    closed = true;
    if (lent != null) {
      lent.revoke();
    }
    localFaults.stop();
    resetUrgent();
    try {
      endRegistration.run();
    } finally {
      streams.close();
    }
  }

  private PageTarget target(@Nullable PlacementLog log) {
    return continued
        ? new ContinueTarget(current, current.newInFlightRun(), placer, this::phase, log)
        : new CopyTarget(placer, regions.all(), this::phase);
  }
}
