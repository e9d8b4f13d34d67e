package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/**
 * The lazy memory of one restored process, as it is now: its userfaultfd, where the pages of the
 * dump are mapped, and which of them are missing.
 *
 * <p>Events change it in the order in which the kernel reports them. While a change is under way
 * the kernel refuses every fill with EAGAIN until its event was read, so what is filled here always
 * belongs to the addresses known here (userfaultfd(2); {@code mmap_changing} in {@code
 * fs/userfaultfd.c}).
 *
 * <p>A page that is missing is mapped: pages that were unmapped or removed are not missing any
 * more.
 *
 * <p>Confined to the session's event loop.
 */
public final class Space implements AutoCloseable {
  /** Instead of the address of contents: the pages are zeros. */
  public static final long ZEROS = 0;

  /** User addresses have 48 bits on aarch64, and 47 on x86-64. */
  private static final int[] ADDRESS_BITS = {48, 47};

  /** At least {@code vm.mmap_min_addr}, which is 64 KiB by default. */
  private static final long LOWEST_ADDRESS = 1 << 16;

  private final SpaceState state;
  private final Listener listener;
  private final SpaceEvents events;
  private final PageFills pages;
  private final ZeroFills zeros;

  /** What a space tells. */
  public interface Listener {
    /** A thread waits for a page that is missing. Told again by each {@link #settle}. */
    void waits(Space space, long page);

    /** The process forked. The child's userfaultfd must be polled from now on. */
    void forked(Space parent, Space child);
  }

  /** The space of a process that is being restored: every lazy page is missing. */
  public Space(
      Userfaultfd userfaultfd, DumpLayout layout, Listener listener, SpaceCounters counters) {
    this(new SpaceState(userfaultfd, layout, counters), listener);
  }

  private Space(SpaceState state, Listener listener) {
    this.state = state;
    this.listener = listener;
    events = new SpaceEvents(state, child -> listener.forked(this, new Space(child, listener)));
    pages = new PageFills(state, events);
    zeros = new ZeroFills(state);
  }

  /**
   * The space of a process that was restored earlier: whether pages of the dump have arrived is not
   * known, so that all that are still mapped are missing until the kernel says that they are there.
   *
   * @param changes all events since the restore; faults do not matter
   */
  public static Space resumed(
      Userfaultfd userfaultfd,
      DumpLayout layout,
      Listener listener,
      SpaceCounters counters,
      List<EventBuffer> changes) {
    Space space = new Space(userfaultfd, layout, listener, counters);
    space.events.replay(changes);
    space.registered();
    return space;
  }

  public Userfaultfd userfaultfd() {
    return state.userfaultfd;
  }

  public DumpLayout layout() {
    return state.layout;
  }

  /** The pages of the dump that are missing here. Only for reading. */
  public PageBitmap missing() {
    return state.missing;
  }

  /** Whether the process has ended. */
  public boolean isGone() {
    return state.gone;
  }

  /** Whether nothing is missing and nobody waits, so that the userfaultfd may be closed. */
  public boolean isComplete() {
    return state.gone || (state.missing.count() == 0 && state.waiting.size() == 0);
  }

  /** Whether there is something to {@link #settle}. */
  public boolean isUnsettled() {
    return state.unsettled;
  }

  /**
   * The whole lazy memory of the process is registered with its userfaultfd: from now on an address
   * that is not, is not mapped any more.
   */
  public void registered() {
    state.registered = true;
  }

  /**
   * Reads all events that wait. Faults are only noted: {@link #settle} resolves them.
   *
   * @return whether there were any
   */
  public boolean readEvents() {
    return events.read();
  }

  /**
   * Asks the page table of the process which pages need not be fetched, since they are there.
   *
   * @param pagemap of the process that has this memory
   * @return whether that is known now
   */
  public boolean findPresent(Pagemap pagemap) {
    return new PresentPages(state, events).find(pagemap);
  }

  /** Lets all threads that wait fault again, also those that another daemon has read about. */
  public void wakeAll() {
    for (int bits : ADDRESS_BITS) {
      try {
        state.wake(LOWEST_ADDRESS, (1L << bits) - PAGE_BYTES - LOWEST_ADDRESS);
        return;
      } catch (SystemCallException e) {
        if (e.errno() != Errno.EINVAL) { // more than the address space
          throw e;
        }
      }
    }
  }

  /** The next {@link #settle} reports all faults on missing pages again. */
  public void reportAgain() {
    state.unsettled |= state.waiting.size() > 0;
  }

  /**
   * Resolves the faults that were read: reports those on missing pages to the listener, and fills
   * the others with zeros.
   *
   * <p>Afterwards it is unsettled if some of the others cannot be resolved now: try again soon.
   */
  public void settle() {
    state.unsettled = false;
    WaitingFaults waiting = state.waiting;
    for (int i = waiting.size() - 1; i >= 0 && !state.gone; i = Math.min(i, waiting.size()) - 1) {
      long address = waiting.get(i);
      long page = state.map.pageAt(address);
      if (page >= 0 && state.missing.get(page)) {
        listener.waits(this, page);
      } else {
        zeros.fill(address);
      }
    }
  }

  /**
   * Places pages of the dump wherever they are missing, and wakes the threads that wait for them.
   *
   * @param data native address of their contents, which may be a mapped file; or {@link #ZEROS}
   * @param patient whether a page whose address is not mapped is to be tried again: the event that
   *     says where it went may be under way. If false, it is dropped
   * @return whether nothing of them is missing any more; false: try again soon
   */
  public boolean place(long first, long count, long data, boolean patient) {
    return pages.place(first, count, data, patient);
  }

  /**
   * Closes the userfaultfd. <b>Pages that are missing read as zeros from then on</b>, unless the
   * process was killed.
   */
  @Override
  public void close() {
    state.userfaultfd.close();
  }
}
