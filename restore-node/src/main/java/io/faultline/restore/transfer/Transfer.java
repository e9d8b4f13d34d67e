package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
  private final RequestWindow window = new RequestWindow();
  private final ParkedPages parked = new ParkedPages();
  private final List<TaskTransfer> tasks = new ArrayList<>();
  private int turn;

  /** Since when the kernel has refused pages of an immediate origin; 0: it does not. */
  private long refusedNanos;

  private boolean refused;

  /** The request whose answer is being timed. */
  private int timedPid = -1;

  private long timedPage;
  private long timedNanos;
  private long answeredBytes;

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
    task(space.layout()).spaces().add(space);
  }

  /** A space that needs no more pages. */
  public void remove(Space space) {
    task(space.layout()).spaces().remove(space);
  }

  /** Whether any page is missing in any space. */
  public boolean isAnyMissing() {
    for (TaskTransfer task : tasks) {
      for (Space space : task.spaces()) {
        if (space.missing().count() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** The pages that are missing, counted once for each process that misses them. */
  public long missingPages() {
    long sum = 0;
    for (TaskTransfer task : tasks) {
      for (Space space : task.spaces()) {
        sum += space.missing().count();
      }
    }
    return sum;
  }

  /** A thread waits for a page: asks for it and some around it, unless it is on its way. */
  public void fault(Space space, long page) {
    TaskTransfer task = task(space.layout());
    if (task.isRequested(page) || refused) {
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
    while (window.hasRoom() && !isBlocked()) {
      TaskTransfer task = nextTask();
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

  /** The next process in turn of which a page is wanted. */
  private @Nullable TaskTransfer nextTask() {
    for (int i = 0; i < tasks.size(); i++) {
      turn = (turn + 1) % tasks.size();
      TaskTransfer task = tasks.get(turn);
      if (!task.spaces().isEmpty() && task.nextWanted() >= 0) {
        return task;
      }
    }
    return null;
  }

  private int runPages() {
    long pages = window.bytes() / 8 / PAGE_BYTES;
    return origin.isImmediate() ? MOST_RUN : Math.clamp(pages, LEAST_RUN, MOST_RUN);
  }

  private void request(TaskTransfer task, long first, int count, boolean urgent) {
    DumpLayout layout = task.layout();
    task.requested(first, count);
    window.requested((long) count * PAGE_BYTES);
    counters.requests++;
    if (timedPid < 0) {
      timedPid = layout.pid();
      timedPage = first;
      timedNanos = clock.getAsLong();
    }
    origin.request(layout.pid(), layout.addressOf(first), count, urgent);
  }

  /**
   * Pages have arrived.
   *
   * @param data native address of their contents, valid during the call; or {@link Space#ZEROS}
   */
  public void arrived(int pid, long address, int count, long data) {
    TaskTransfer task = task(pid);
    long first = task.layout().pageAt(address);
    long now = clock.getAsLong();
    answered(task, first, count, now);
    counters.pages += count;
    boolean placed = true;
    for (int i = 0; i < task.spaces().size(); i++) { // a fork adds one meanwhile
      Space space = task.spaces().get(i);
      if (!space.place(first, count, data, isPatient(now))) {
        placed = false;
        park(space, first, count, data, now);
      }
    }
    if (placed || origin.isImmediate()) {
      task.answered(first, count);
    }
    if (placed) {
      refusedNanos = 0;
    }
  }

  private boolean isPatient(long now) {
    return refusedNanos == 0 || now - refusedNanos < ParkedPages.UNMAPPED_NANOS;
  }

  /** What the origin has at hand is asked for again, everything else is kept. */
  private void park(Space space, long first, int count, long data, long now) {
    counters.parked++;
    if (origin.isImmediate()) {
      refused = true;
      refusedNanos = refusedNanos == 0 ? now : refusedNanos;
    } else {
      parked.add(space, first, count, data, now);
    }
  }

  /** These pages were asked for, and the origin did not answer them. */
  public void unanswered(int pid, long address, int count) {
    TaskTransfer task = task(pid);
    long first = task.layout().pageAt(address);
    answered(task, first, count, clock.getAsLong());
    task.answered(first, count);
  }

  private void answered(TaskTransfer task, long first, int count, long now) {
    long bytes = (long) count * PAGE_BYTES;
    window.settled(bytes);
    answeredBytes += bytes;
    if (timedPid == task.layout().pid() && timedPage >= first && timedPage < first + count) {
      window.measured(now - timedNanos, answeredBytes);
      timedPid = -1;
      answeredBytes = 0;
    }
  }

  /** Whether the kernel refused pages: {@link #retry} is due soon. */
  public boolean isBlocked() {
    return refused || !parked.isEmpty();
  }

  /** Tries again to place what the kernel refused. */
  public void retry() {
    refused = false;
    parked.retry(
        clock.getAsLong(), (space, first, count) -> task(space.layout()).answered(first, count));
  }

  /** Frees what is left. */
  public void close() {
    parked.clear();
  }

  private TaskTransfer task(DumpLayout layout) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).layout() == layout) {
        return tasks.get(i);
      }
    }
    TaskTransfer task = new TaskTransfer(layout);
    tasks.add(task);
    return task;
  }

  private TaskTransfer task(int pid) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).layout().pid() == pid) {
        return tasks.get(i);
      }
    }
    throw new IllegalStateException("pages of process " + pid + ", which nobody asked for");
  }
}
