package io.faultline.uffd.simulated;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the processes of one simulated machine share. Thread-safe. */
final class SimulatedMachine {
  final SimulatedOptions options;
  final Scheduling scheduling;
  private final HugePages pool2m;
  private final HugePages pool1g;
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

  long availableBytes() {
    return options.memoryBytes();
  }

  /** The pages of a new file of zeros, held once. */
  PageCache createCache(int pages, PageSize size) {
    PoolPages stock = new PoolPages(pool(size));
    return new PageCache(Frames.allocate(pages, pageBytes(size)), size, stock);
  }

  /** Gives a forked userfaultfd a descriptor, for the event that carries it. */
  int describe(FaultContext context) {
    int descriptor = nextDescriptor.getAndIncrement();
    forked.put(descriptor, context);
    return descriptor;
  }

  /** The userfaultfd of a descriptor, which is used up; null where there is none. */
  @Nullable FaultContext adopt(int descriptor) {
    return forked.remove(descriptor);
  }
}
