package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * One round of the stress case, from one area to the other, which is initially empty. Threads: per
 * CPU one that increments counters and one that reads, a fault reader, and one that copies all
 * pages in random order. Any of them may be the first at a page.
 */
final class StressRound implements AutoCloseable {
  private static final int CPUS = Math.min(4, Runtime.getRuntime().availableProcessors());
  private static final int TOUCHES_PER_PAGE = 3;

  private final CaseContext context;
  private final Userfaultfd uffd;
  private final StressMemory from;
  private final StressMemory to;
  private final long seed;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong faults = new AtomicLong();

  StressRound(
      CaseContext context, Userfaultfd uffd, StressMemory from, StressMemory to, long seed) {
    this.context = context;
    this.uffd = uffd;
    this.from = from;
    this.to = to;
    this.seed = seed;
  }

  /** Runs the round and returns the number of faults that were read. */
  long run() throws Exception {
    to.expectAs(from);
    context.register(uffd, to.area(), RegisterMode.MISSING);
    GuestThread<Boolean> resolver = context.guest("the fault reader", this::resolve);
    List<GuestThread<Boolean>> workers = new ArrayList<>();
    for (int cpu = 0; cpu < CPUS; cpu++) {
      Random counters = new Random(seed * 31 + cpu);
      Random readers = new Random(seed * 37 + cpu);
      workers.add(context.guest("a counter", () -> touch(counters, to::count)));
      workers.add(context.guest("a reader", () -> touch(readers, to::read)));
    }
    workers.add(context.guest("the background copier", () -> copyAll(new Random(seed))));
    awaitAll(workers, resolver);
    over.set(true);
    resolver.await();
    uffd.unregister(to.area().address(), to.area().lengthBytes());
    return faults.get();
  }

  /** Reports the thread that failed first, not those that then wait for it in vain. */
  private static void awaitAll(List<GuestThread<Boolean>> workers, GuestThread<Boolean> resolver)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CaseContext.LIMIT_SECONDS);
    for (GuestThread<Boolean> worker : workers) {
      while (!worker.isDone() && System.nanoTime() < deadline) {
        if (resolver.isDone()) {
          resolver.await();
        }
        Thread.sleep(1);
      }
    }
    for (GuestThread<Boolean> worker : workers) {
      if (worker.isDone()) {
        worker.await();
      }
    }
    for (GuestThread<Boolean> worker : workers) {
      worker.await();
    }
  }

  @Override
  public void close() {
    over.set(true);
  }

  private void touch(Random random, IntConsumer access) {
    int pages = to.area().pages();
    for (int i = 0; i < pages * TOUCHES_PER_PAGE && !over.get(); i++) {
      access.accept(random.nextInt(pages));
    }
  }

  private void copyAll(Random random) {
    int pages = to.area().pages();
    for (int i = 0; i < pages * 2; i++) {
      copy(random.nextInt(pages));
    }
    for (int page = 0; page < pages; page++) {
      copy(page);
    }
  }

  private void resolve() {
    EventBuffer events = new EventBuffer(16);
    while (!over.get()) {
      int count = uffd.read(events);
      for (int i = 0; i < count; i++) {
        faults.incrementAndGet();
        copy(to.area().indexOf(events.address(i)));
      }
      if (count == 0) {
        LockSupport.parkNanos(20_000);
      }
    }
  }

  /** EEXIST is expected: another thread was first. */
  private void copy(int page) {
    long length = to.area().pageBytes();
    long at = to.area().page(page);
    long source = context.kernel().dataAddress(from.area().page(page));
    long result = uffd.copy(at, source, length, FillMode.WAKE);
    int errno = FillResult.errno(result);
    Expect.that(errno == 0 || errno == Errno.EEXIST, "copy: " + FillResult.describe(result));
  }
}
