package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/**
 * The lazy memory of one restored process, as it is now: its userfaultfd, where the pages of the
 * dump are mapped, and which of them are missing.
 *
 * <p>Events change it in the order in which the kernel reports them: FORK clones it, REMAP moves
 * pages, REMOVE turns them into zeros, UNMAP drops them. While a change is under way the kernel
 * refuses every fill with EAGAIN until its event was read, so what is filled here always belongs to
 * the addresses known here (userfaultfd(2); {@code mmap_changing} in {@code fs/userfaultfd.c}).
 *
 * <p>A page that is missing is mapped: pages that were unmapped or removed are not missing any
 * more.
 *
 * <p>Confined to the session's event loop.
 */
public final class Space implements AutoCloseable {
  private static final int EVENTS = 64;
  private static final long PAGE_MASK = -PAGE_BYTES;

  /** User addresses have 48 bits on aarch64, and 47 on x86-64. */
  private static final int[] ADDRESS_BITS = {48, 47};

  /** At least {@code vm.mmap_min_addr}, which is 64 KiB by default. */
  private static final long LOWEST_ADDRESS = 1 << 16;

  private final Userfaultfd userfaultfd;
  private final DumpLayout layout;
  private final Listener listener;
  private final AddressMap map;
  private final PageBitmap missing;
  private final WaitingFaults waiting = new WaitingFaults();
  private final LeftRanges left = new LeftRanges();
  private final EventBuffer events = new EventBuffer(EVENTS);
  private final SpaceCounters counters;
  private boolean registered;
  private boolean unsettled;
  private boolean gone;

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
    this(
        userfaultfd,
        layout,
        listener,
        counters,
        new AddressMap(layout),
        new PageBitmap(layout.pageCount()));
    missing.setAll();
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
    changes.forEach(space::replay);
    space.registered = true;
    return space;
  }

  private Space(
      Userfaultfd userfaultfd,
      DumpLayout layout,
      Listener listener,
      SpaceCounters counters,
      AddressMap map,
      PageBitmap missing) {
    this.userfaultfd = userfaultfd;
    this.layout = layout;
    this.listener = listener;
    this.counters = counters;
    this.map = map;
    this.missing = missing;
  }

  public Userfaultfd userfaultfd() {
    return userfaultfd;
  }

  public DumpLayout layout() {
    return layout;
  }

  /** The pages of the dump that are missing here. Only for reading. */
  public PageBitmap missing() {
    return missing;
  }

  /** Whether the process has ended. */
  public boolean isGone() {
    return gone;
  }

  /** Whether nothing is missing and nobody waits, so that the userfaultfd may be closed. */
  public boolean isComplete() {
    return gone || (missing.count() == 0 && waiting.size() == 0);
  }

  /** Whether there is something to {@link #settle}. */
  public boolean isUnsettled() {
    return unsettled;
  }

  /**
   * The whole lazy memory of the process is registered with its userfaultfd: from now on an address
   * that is not, is not mapped any more.
   */
  public void registered() {
    registered = true;
  }

  /**
   * Reads all events that wait. Faults are only noted: {@link #settle} resolves them.
   *
   * @return whether there were any
   */
  public boolean readEvents() {
    boolean any = false;
    int read;
    do {
      read = userfaultfd.read(events);
      for (int i = 0; i < read; i++) {
        apply(i);
      }
      any |= read > 0;
    } while (read == EVENTS);
    return any;
  }

  private void apply(int i) {
    unsettled = true;
    switch (events.type(i)) {
      case PAGE_FAULT -> {
        counters.faults++;
        waiting.add(events.address(i) & PAGE_MASK);
      }
      case FORK -> fork(events.forkedDescriptor(i));
      case REMAP -> remap(events.remapFrom(i), events.remapTo(i), events.remapLength(i));
      case REMOVE -> remove(events.rangeStart(i), events.rangeEnd(i));
      case UNMAP -> unmap(events.rangeStart(i), events.rangeEnd(i));
    }
  }

  private void replay(EventBuffer changes) {
    for (int i = 0; i < changes.size(); i++) {
      switch (changes.type(i)) {
        case PAGE_FAULT, FORK -> {}
        case REMAP -> moved(changes.remapFrom(i), changes.remapTo(i), changes.remapLength(i));
        case REMOVE -> map.forEach(changes.rangeStart(i), changes.rangeEnd(i), this::drop);
        case UNMAP -> unmapped(changes.rangeStart(i), changes.rangeEnd(i));
      }
    }
  }

  /** Lets all threads that wait fault again, also those that another daemon has read about. */
  public void wakeAll() {
    for (int bits : ADDRESS_BITS) {
      try {
        wake(LOWEST_ADDRESS, (1L << bits) - PAGE_BYTES - LOWEST_ADDRESS);
        return;
      } catch (SystemCallException e) {
        if (e.errno() != Errno.EINVAL) { // more than the address space
          throw e;
        }
      }
    }
  }

  private void fork(int descriptor) {
    counters.forks++;
    PageBitmap childMissing = new PageBitmap(layout.pageCount());
    childMissing.or(missing);
    Userfaultfd child = userfaultfd.adoptForked(descriptor);
    Space forked = new Space(child, layout, listener, counters, map.copy(), childMissing);
    forked.registered = true;
    listener.forked(this, forked);
  }

  private void remap(long from, long to, long lengthBytes) {
    counters.remaps++;
    moved(from, to, lengthBytes);
    wakeIn(from, from + lengthBytes);
  }

  private void moved(long from, long to, long lengthBytes) {
    left.add(from, from + lengthBytes);
    map.forEach(to, to + lengthBytes, this::drop);
    map.move(from, to, lengthBytes);
  }

  private void remove(long start, long end) {
    counters.removes++;
    map.forEach(start, end, this::drop);
  }

  private void unmap(long start, long end) {
    counters.unmaps++;
    unmapped(start, end);
    wakeIn(start, end);
  }

  private void unmapped(long start, long end) {
    if (!left.remove(start, end)) {
      map.forEach(start, end, this::drop);
      map.unmap(start, end);
    }
  }

  private void drop(long first, long count) {
    missing.clear(first, first + count);
  }

  /** Lets the threads that sleep in a range fault again: nothing is at these addresses. */
  private void wakeIn(long start, long end) {
    if (waiting.isAnyIn(start, end)) {
      waiting.removeIn(start, end);
      wake(start, end - start);
    }
  }

  /**
   * Resolves the faults that were read: reports those on missing pages to the listener, and fills
   * the others with zeros.
   *
   * <p>Afterwards it is unsettled if some of the others cannot be resolved now: try again soon.
   */
  public void settle() {
    unsettled = false;
    for (int i = waiting.size() - 1; i >= 0 && !gone; i = Math.min(i, waiting.size()) - 1) {
      long address = waiting.get(i);
      long page = map.pageAt(address);
      if (page >= 0 && missing.get(page)) {
        listener.waits(this, page);
      } else {
        fillZeros(address);
      }
    }
  }

  private void fillZeros(long address) {
    long result = userfaultfd.zeroPage(address, PAGE_BYTES, FillMode.WAKE);
    switch (FillResult.errno(result)) {
      case 0 -> counters.zeroPages++;
      case Errno.EAGAIN, Errno.ENOMEM -> {
        unsettled = true;
        return;
      }
      case Errno.ESRCH -> end();
      default -> wake(address, PAGE_BYTES); // there already, or not mapped any more
    }
    waiting.removeIn(address, address + PAGE_BYTES);
  }

  /**
   * Places pages of the dump wherever they are missing, and wakes the threads that wait for them.
   *
   * @param data native address of their contents; it may be a mapped file
   * @param patient whether a page whose address is not mapped is to be tried again: the event that
   *     says where it went may be under way. If false, it is dropped
   * @return whether nothing of them is missing any more; false: try again soon
   */
  public boolean place(long first, long count, long data, boolean patient) {
    long end = first + count;
    long limit = count;
    long page = missing.nextSet(first, end);
    while (page < end && !gone) {
      long run = Math.min(missing.nextClear(page, end) - page, map.runLength(page));
      run = Math.min(run, limit);
      long source = data + (page - first) * PAGE_BYTES;
      long result = userfaultfd.copy(map.addressOf(page), source, run * PAGE_BYTES, FillMode.WAKE);
      int errno = FillResult.errno(result);
      long done = FillResult.bytesDone(result) / PAGE_BYTES;
      placed(page, done);
      if (errno == 0) {
        limit = count;
      } else if (errno == Errno.EEXIST) {
        alreadyThere(page + done);
      } else if (errno == Errno.ESRCH) {
        end();
      } else if (errno == Errno.ENOENT && run > 1) { // across the border of a mapping
        limit = Math.max(1, run / 2);
      } else if (errno == Errno.ENOENT && !registered) {
        page++; // asked for again later
      } else if (errno == Errno.ENOENT && !patient && !readEvents()) {
        counters.unmappedPages++;
        drop(page, 1);
        unsettled = true; // a thread may wait there
      } else if (done == 0 && !readEvents()) {
        return false;
      }
      page = missing.nextSet(page, end);
    }
    return true;
  }

  private void placed(long page, long count) {
    if (count > 0) {
      counters.placedPages += count;
      long address = map.addressOf(page);
      missing.clear(page, page + count);
      waiting.removeIn(address, address + count * PAGE_BYTES);
    }
  }

  /** EEXIST does not wake the threads that wait. */
  private void alreadyThere(long page) {
    counters.alreadyPresent++;
    long address = map.addressOf(page);
    missing.clear(page, page + 1);
    waiting.removeIn(address, address + PAGE_BYTES);
    wake(address, PAGE_BYTES);
  }

  private void wake(long address, long lengthBytes) {
    userfaultfd.wake(address, lengthBytes);
  }

  /** The process has ended. */
  private void end() {
    gone = true;
    missing.clear(0, layout.pageCount());
    waiting.clear();
  }

  /**
   * Closes the userfaultfd. <b>Pages that are missing read as zeros from then on</b>, unless the
   * process was killed.
   */
  @Override
  public void close() {
    userfaultfd.close();
  }
}
