package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.util.function.LongSupplier;

/**
 * Asks the origin for pages, and places what arrives. Pages for which a thread waits are asked for
 * at once, with some around them; all others follow in the background, within the {@link
 * RequestWindow}, a run of each process in turn, from the last fault on.
 *
 * <p>An answer is matched by which page of the dump it is, and goes to every place where that page
 * is missing then.
 *
 * <p>Confined to the session's event loop.
 */
public final class Transfer {
  /** Pages asked for with a fault: from the page on, and before it. */
  private static final int PAGES_AFTER = 32;

  private static final int PAGES_BEFORE = 8;

  private static final int LEAST_RUN = 16;
  private static final int MOST_RUN = 256;

  private final PageOrigin origin;
  private final LongSupplier clock;
  private final TransferCounters counters = new TransferCounters();
  private final TaskList tasks = new TaskList();
  private final RequestTimer timer = new RequestTimer();
  private final PagePlacement placement = new PagePlacement(counters);

  /**
   * @param clock in nanoseconds
   */
  public Transfer(PageOrigin origin, LongSupplier clock) {
    this.origin = origin;
    this.clock = clock;
  }

  public TransferCounters counters() {
    return counters;
  }

  /** A space whose pages are to be fetched: of a restored process, or of a child that it forked. */
  public void add(Space space) {
    tasks.of(space.layout()).spaces().add(space);
  }

  /** A space that needs no more pages. */
  public void remove(Space space) {
    tasks.of(space.layout()).spaces().remove(space);
  }

  /** The pages that are missing, counted once for each process that misses them. */
  public long missingPages() {
    return tasks.missingPages();
  }

  /** A thread waits for a page: asks for it and some around it, unless it is on its way. */
  public void fault(Space space, long page) {
    TaskTransfer task = tasks.of(space.layout());
    if (task.isRequested(page) || placement.isRefused()) {
      return;
    }
    counters.urgentRequests++;
    int after = task.wantedAfter(page, PAGES_AFTER);
    request(task, page, after, true);
    int before = task.wantedBefore(page, PAGES_BEFORE);
    if (before > 0) {
      request(task, page - before, before, false);
    }
    task.continueAt(page + after);
    origin.flush();
  }

  /**
   * Asks for further pages in the background, as many as the window allows; a run if the origin
   * answers immediately.
   *
   * @return whether more can be asked for without an answer
   */
  public boolean pump() {
    boolean any = false;
    while (timer.window().hasRoom() && !isBlocked()) {
      TaskTransfer task = tasks.next();
      if (task == null) {
        break;
      }
      long page = task.nextWanted();
      int count = task.wantedAfter(page, runPages());
      request(task, page, count, false);
      task.continueAt(page + count);
      any = true;
      if (origin.isImmediate()) {
        return true;
      }
    }
    if (any) {
      origin.flush();
    }
    return false;
  }

  private int runPages() {
    long pages = timer.window().bytes() / 8 / PAGE_BYTES;
    return origin.isImmediate() ? MOST_RUN : Math.clamp(pages, LEAST_RUN, MOST_RUN);
  }

  private void request(TaskTransfer task, long first, int count, boolean urgent) {
    DumpLayout layout = task.layout();
    task.requested(first, count);
    timer.requested(count);
    counters.requests++;
    if (timer.isIdle()) {
      timer.start(layout.pid(), first, clock.getAsLong());
    }
    origin.request(layout.pid(), layout.addressOf(first), count, urgent);
  }

  /**
   * Pages have arrived.
   *
   * @param data native address of their contents, valid during the call; or {@link Space#ZEROS}
   */
  public void arrived(int pid, long address, int count, long data) {
    TaskTransfer task = tasks.of(pid);
    long first = task.layout().pageAt(address);
    long now = clock.getAsLong();
    timer.answered(pid, first, count, now);
    counters.pages += count;
    if (placement.place(task, first, count, data, origin.isImmediate(), now)) {
      task.answered(first, count);
    }
  }

  /** These pages were asked for, and the origin did not answer them. */
  public void unanswered(int pid, long address, int count) {
    TaskTransfer task = tasks.of(pid);
    long first = task.layout().pageAt(address);
    timer.answered(pid, first, count, clock.getAsLong());
    task.answered(first, count);
    task.reportFaultsAgain();
  }

  /** Whether the kernel refused pages: {@link #retry} is due soon. */
  public boolean isBlocked() {
    return placement.isBlocked();
  }

  /** Tries again to place what the kernel refused. */
  public void retry() {
    placement.retry(
        clock.getAsLong(),
        (space, first, count) -> tasks.of(space.layout()).answered(first, count));
    tasks.reportFaultsAgain(); // nothing was asked for the faults meanwhile
  }

  /** Frees what is left. */
  public void close() {
    placement.clear();
  }
}
