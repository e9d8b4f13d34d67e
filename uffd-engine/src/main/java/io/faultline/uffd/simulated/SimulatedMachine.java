package io.faultline.uffd.simulated;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The state that the processes of one simulated machine share. Thread-safe. */
final class SimulatedMachine {
  final SimulatedOptions options;
  final Scheduling scheduling;
  private final HugePages pool2m;
  private final HugePages pool1g;
  private volatile boolean memoryShort;
  private final AtomicInteger nextDescriptor = new AtomicInteger(3);
  private final Map<Integer, FaultContext> forked = new ConcurrentHashMap<>();

  SimulatedMachine(SimulatedOptions options, Scheduling scheduling) {
    this.options = options;
    this.scheduling = scheduling;
    this.pool2m = new HugePages(PageSize.HUGE_2M, options.hugePages2m());
    this.pool1g = new HugePages(PageSize.HUGE_1G, options.hugePages1g());
  }

  long pageBytes(PageSize size) {
    return size.isHuge() ? 1L << size.shift() : Calls.PAGE_BYTES;
  }

  /** The pool of a page size; base pages have none. */
  @Nullable HugePages pool(PageSize size) {
    return switch (size) {
      case BASE -> null;
      case HUGE_2M -> pool2m;
      case HUGE_1G -> pool1g;
    };
  }

  String poolHint(PageSize size) {
    HugePages pool = pool(size);
    HugePagePool state = pool == null ? new HugePagePool(size, 0, 0, 0) : pool.state();
    return state.available() + " are available; simulate a machine with a larger pool";
  }

  /** Whether no page can be allocated by a fill now. */
  boolean isMemoryShort() {
    return memoryShort;
  }

  void setMemoryShort(boolean isShort) {
    memoryShort = isShort;
  }

  long availableBytes() {
    return options.memoryBytes();
  }

  /** Creates the page cache of a new file of zeros, with one holder. */
  PageCache createCache(int pages, PageSize size) {
    PoolPages poolPages = new PoolPages(pool(size));
    return new PageCache(Frames.allocate(pages, pageBytes(size)), size, poolPages);
  }

  /** Assigns a descriptor to a forked userfaultfd, for its fork event. */
  int assignDescriptor(FaultContext context) {
    int descriptor = nextDescriptor.getAndIncrement();
    forked.put(descriptor, context);
    return descriptor;
  }

  /** Returns the userfaultfd of a descriptor and forgets the descriptor; null if unknown. */
  @Nullable FaultContext adopt(int descriptor) {
    return forked.remove(descriptor);
  }
}
