package io.faultline.cli.bench.paging;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.management.OperatingSystemMXBean;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.PagerStats;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.linux.LibraryFunction;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Runs a workload on our pager, with the arguments of {@code paging-peer.c} and the library of the
 * workloads after them, and prints the same JSON. System {@code paging}: native threads touch the
 * region by its address; {@code paging-flushed}: while it is flushed over and over; {@code java}:
 * Java threads sort it.
 *
 * <p>Before it measures, it runs the workload on a small region until the compiler has little to
 * do.
 */
final class PagedProgram {
  static final long PAGE_BYTES = 4096;

  /** Suffix of a system that is flushed meanwhile. */
  static final String FLUSHED = "-flushed";

  private static final String FUNCTION = "workload_run";

  /** The property with the shortest time to warm up; the longest is five times that. */
  static final String WARM_UP = "faultline.warm-up-millis";

  private static final long WARM_UP_MILLIS = 2000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long QUIET_COMPILER_MILLIS = 20;
  private static final long WARM_UP_BYTES = 32L << 20;
  private static final double NANOS = 1e9;

  /** The results of {@code workload.h}, in order. */
  enum Result {
    ACCESSES,
    FILL,
    SORT,
    CHECK,
    WAITS,
    P50_US,
    P99_US
  }

  private final String system;
  private final Workload workload;
  private final long threads;
  private final long seed;
  private final LibraryFunction function;

  private PagedProgram(String[] arguments) {
    system = arguments[0];
    workload = Workload.valueOf(arguments[1].toUpperCase(Locale.ROOT));
    threads = Long.parseLong(arguments[5]);
    seed = Long.parseLong(arguments[7]);
    function = LibraryFunction.load(Path.of(arguments[8]), FUNCTION);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    PagedProgram program = new PagedProgram(arguments);
    long bytes = Long.parseLong(arguments[3]);
    long buffer = Long.parseLong(arguments[4]);
    program.warmUp(Path.of(arguments[2] + "-warm-up"), Math.min(WARM_UP_BYTES, bytes));
    System.out.println(
        program.run(Path.of(arguments[2]), bytes, buffer, Long.parseLong(arguments[6])));
  }

  private void warmUp(Path file, long bytes) throws IOException, InterruptedException {
    long start = System.nanoTime();
    long accesses = bytes / PAGE_BYTES;
    long buffer = bytes / 4;
    try (FileStore store = FileStore.open(file, bytes)) {
      number(store, bytes);
    }
    long least = Long.getLong(WARM_UP, WARM_UP_MILLIS) * NANOS_PER_MILLI;
    boolean isCompiling = true;
    long elapsed = 0;
    while (elapsed < least || (isCompiling && elapsed < 5 * least)) {
      long before = compilationMillis();
      String _ = run(file, bytes, buffer, accesses);
      isCompiling = compilationMillis() - before > QUIET_COMPILER_MILLIS;
      elapsed = System.nanoTime() - start;
    }
    Files.delete(file);
  }

  private static long compilationMillis() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
  }

  /** Begins each page with the index of its first word, as the workloads expect. */
  private static void number(FileStore store, long bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE_BYTES, PAGE_BYTES);
      for (long offset = 0; offset < bytes; offset += PAGE_BYTES) {
        page.set(JAVA_LONG, 0, offset / Long.BYTES);
        store.write(offset, page, 0, PAGE_BYTES);
      }
    }
  }

  /** Runs it once, and returns the JSON. */
  private String run(Path file, long bytes, long buffer, long accesses)
      throws IOException, InterruptedException {
    try (FileStore store = FileStore.open(file, bytes);
        Pager pager =
            Pager.open(new LinuxKernel(), PagerOptions.of(buffer).withHandlers((int) threads));
        PagedRegion region = pager.map(store, bytes);
        Arena arena = Arena.ofShared()) {
      MemorySegment result = arena.allocate(JAVA_DOUBLE, Result.values().length);
      Usage before = Usage.now();
      long start = System.nanoTime();
      boolean right = work(region, bytes, accesses, arena, result);
      long done = System.nanoTime();
      region.flushAll();
      long end = System.nanoTime();
      return json(end - start, end - done, before, result, right, pager.stats());
    }
  }

  private boolean work(
      PagedRegion region, long bytes, long accesses, Arena arena, MemorySegment result)
      throws InterruptedException {
    if (system.equals(PagingSystem.JAVA.key())) {
      return new PagedSort(region, bytes, (int) threads, seed).run(result);
    }
    long[] words = {workload.ordinal(), region.address(), bytes, threads, accesses, seed};
    MemorySegment request = arena.allocateFrom(JAVA_LONG, words);
    if (!system.endsWith(FLUSHED)) {
      return function.call(request.address(), result.address()) == 0;
    }
    Flushing flushing = new Flushing(region);
    try {
      return function.call(request.address(), result.address()) == 0;
    } finally {
      flushing.end();
    }
  }

  private static String json(
      long nanos,
      long flushNanos,
      Usage before,
      MemorySegment result,
      boolean right,
      PagerStats stats)
      throws IOException {
    Usage after = Usage.now();
    StringBuilder values = new StringBuilder();
    for (Result each : Result.values()) {
      double value = result.getAtIndex(JAVA_DOUBLE, each.ordinal());
      values.append(
          String.format(Locale.ROOT, ",\"%s\":%.6f", each.name().toLowerCase(Locale.ROOT), value));
    }
    return String.format(
        Locale.ROOT,
        "{\"seconds\":%.6f,\"flush\":%.6f,\"cpu\":%.6f,\"read_mib\":%.3f,\"written_mib\":%.3f"
            + "%s,\"right\":%s,\"stats\":\"%s\"}",
        nanos / NANOS,
        flushNanos / NANOS,
        (after.cpuNanos() - before.cpuNanos()) / NANOS,
        after.readMib() - before.readMib(),
        after.writtenMib() - before.writtenMib(),
        values,
        right,
        stats);
  }

  /** What this process has used so far. */
  private record Usage(long cpuNanos, double readMib, double writtenMib) {
    private static final double MIB = 1 << 20;

    static Usage now() throws IOException {
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      String io = Files.readString(Path.of("/proc/self/io"));
      return new Usage(
          system.getProcessCpuTime(), field(io, "read_bytes:"), field(io, "write_bytes:"));
    }

    private static double field(String io, String key) {
      return io.lines()
          .filter(line -> line.startsWith(key))
          .mapToDouble(line -> Long.parseLong(line.substring(key.length()).strip()) / MIB)
          .findFirst()
          .orElse(0);
    }
  }

  /** A thread that flushes a region over and over. */
  private static final class Flushing {
    private final Thread thread;
    private volatile boolean stopped;

    Flushing(PagedRegion region) {
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stopped) {
                      region.flushAll();
                    }
                  });
    }

    void end() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }
}
