package io.faultline.restore.firecracker;

import io.faultline.memory.PageBitmap;
import io.faultline.restore.firecracker.PageFills.Fill;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.process.DescriptorPoll;
import io.faultline.uffd.linux.process.PidFd;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * The loop that fills the memory of one VM: a fault is read and resolved on one thread. Between
 * faults it fills the rest; then it unregisters everything, so that the VM needs it no more.
 *
 * <p>Confined to the VM's thread.
 */
final class VmSession {
  private static final int EVENTS = 0;
  private static final int PROCESS = 1;
  private static final int STOP = 2;
  private static final long FOR_EVER = -1;

  /** Rounds with faults, after which the background has its turn nevertheless. */
  private static final int MAX_BUSY_ROUNDS = 8;

  /** Rounds that spin, after which one asks for all descriptors. */
  private static final int MAX_SPINS = 64;

  /** How a session ends. */
  enum End {
    /** Firecracker has exited. */
    EXITED,
    /** It was told to stop. */
    STOPPED
  }

  private final Userfaultfd userfaultfd;
  private final GuestRegions regions;
  private final PidFd process;
  private final int stop;
  private final Runnable completed;
  private final WaitingFaults faults = new WaitingFaults();
  private final RetryTimer retry = new RetryTimer();
  private final RetryTimer backgroundRetry = new RetryTimer();
  private final EventReader reader;
  private final DemandFills demand;
  private final BackgroundFill background;
  private final WaitingFaults.Attempt attempt;
  private final SpinChoice spinChoice = new SpinChoice();
  private boolean justServed;
  private int spins;
  private int busyRounds;
  private boolean independent;

  /**
   * @param pagemap of the process, for huge pages; null if it cannot be read
   * @param stop a descriptor that becomes readable when the session shall stop
   * @param completed called once the VM needs no handler any more
   * @param arena for memory as long as this is used
   */
  VmSession(
      Userfaultfd userfaultfd,
      GuestRegions regions,
      MemoryFile file,
      ZeroedPages zeroed,
      VmCounters counters,
      NeededPages needed,
      PidFd process,
      @Nullable Pagemap pagemap,
      int stop,
      boolean isBackgroundWanted,
      Runnable completed,
      Arena arena) {
    this.userfaultfd = userfaultfd;
    this.regions = regions;
    this.process = process;
    this.stop = stop;
    this.completed = completed;
    PageBitmap placed = new PageBitmap(file.lengthBytes() / MemoryFile.PAGE_BYTES);
    long largest = regions.all().stream().mapToLong(GuestRegion::pageBytes).max().orElseThrow();
    PageFills fills = new PageFills(userfaultfd, file, pagemap, largest, arena);
    reader = new EventReader(userfaultfd, regions, zeroed, faults, counters);
    demand = new DemandFills(regions, zeroed, fills, placed, counters, needed);
    attempt = demand::resolve;
    background =
        new BackgroundFill(
            regions, zeroed, fills, placed, counters, needed.expected(), isBackgroundWanted);
  }

  /** Whether the VM needs no handler: all its memory is there, or zero. */
  boolean isIndependent() {
    return independent;
  }

  /**
   * Serves until the process exits or this is told to stop.
   *
   * @throws MemoryFileException if the memory file cannot be read
   * @throws IllegalStateException if something happens that no Firecracker does
   */
  End serve() {
    try (DescriptorPoll poll = new DescriptorPoll(userfaultfd.fd(), process.fd(), stop)) {
      while (true) {
        boolean any = spin();
        if (!any) {
          poll.await(timeout());
          if (poll.isReady(PROCESS)) {
            return End.EXITED;
          }
          if (poll.isReady(STOP)) {
            return End.STOPPED;
          }
          any = poll.isReady(EVENTS) && reader.read();
        }
        if (independent) {
          faults.clear();
          wakeAll();
          continue;
        }
        serveFaults(any);
        if (demand.isGone()) {
          return awaitExit();
        }
        fillMore(any);
      }
    }
  }

  /** Its memory is gone; its descriptor becomes readable when its last thread has exited. */
  private End awaitExit() {
    try (DescriptorPoll poll = new DescriptorPoll(process.fd(), stop)) {
      poll.await(FOR_EVER);
      return poll.isReady(0) ? End.EXITED : End.STOPPED;
    }
  }

  /**
   * Looks for events for a moment after the last fault; not always, so that the other descriptors
   * have their turn.
   */
  private boolean spin() {
    if (!justServed || !faults.isEmpty() || background.isActive() || ++spins % MAX_SPINS == 0) {
      return false;
    }
    justServed = false;
    if (!spinChoice.isWorthwhile()) {
      return false;
    }
    long start = System.nanoTime();
    boolean found = false;
    while (!found && System.nanoTime() - start < SpinChoice.NANOS) {
      found = reader.read();
    }
    spinChoice.ended(found);
    return found;
  }

  private long timeout() {
    boolean fills = background.isActive();
    if (faults.isEmpty() && !fills) {
      return FOR_EVER;
    }
    if (fills && !backgroundRetry.isRunning()) {
      return 0;
    }
    long now = System.nanoTime();
    long wait = fills ? backgroundRetry.remaining(now) : Long.MAX_VALUE;
    return faults.isEmpty() ? wait : Math.min(wait, retry.remaining(now));
  }

  private void serveFaults(boolean any) {
    if (faults.isEmpty() || (!any && !retry.isDue(System.nanoTime()))) {
      return;
    }
    faults.resolve(attempt);
    justServed = true;
    if (faults.isEmpty()) {
      retry.stop();
    } else if (!retry.isRunning() || retry.isDue(System.nanoTime())) {
      retry.failed(System.nanoTime());
    }
    background.moveTo(demand.next());
  }

  private void fillMore(boolean any) {
    if (!background.isActive()
        || (any && !background.isUrgent() && ++busyRounds < MAX_BUSY_ROUNDS)) {
      return;
    }
    busyRounds = 0;
    if (backgroundRetry.isRunning() && !backgroundRetry.isDue(System.nanoTime())) {
      return;
    }
    Fill fill = background.step();
    if (fill == Fill.LATER) {
      backgroundRetry.failed(System.nanoTime());
    } else {
      backgroundRetry.stop();
    }
    if (background.isComplete()) {
      unregister();
    }
  }

  /**
   * From now on the kernel itself fills what the VM has given back with zeros. Everything else is
   * there. The session goes on: a thread may be about to tell that it gives memory back, and sleeps
   * until that is read.
   */
  private void unregister() {
    try {
      for (GuestRegion region : regions.all()) {
        userfaultfd.unregister(region.address(), region.lengthBytes());
      }
      independent = true;
    } catch (SystemCallException e) {
      // the process exits, or has too many mappings: faults are served as before
    }
    wakeAll(); // a part may have been unregistered
    if (independent) {
      completed.run();
    }
  }

  /**
   * The kernel wakes the threads that wait before it unregisters memory: a fault that was under way
   * then, with the lock of its mapping, waits afterwards.
   */
  private void wakeAll() {
    for (GuestRegion region : regions.all()) {
      userfaultfd.wake(region.address(), region.lengthBytes());
    }
  }
}
