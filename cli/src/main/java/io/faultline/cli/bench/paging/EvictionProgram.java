package io.faultline.cli.bench.paging;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Evicts dirty pages by the calls of our evictor, as {@code evict-floor.c} does without
 * UFFDIO_MOVE: arguments are the pages of a run, the number of rounds, and {@code free} if frames
 * are freed too. Prints the median of the rounds in nanoseconds per page.
 */
final class EvictionProgram {
  private static final long PAGE = 4096;
  private static final int PAGES = 16384;
  private static final int FILL = 64;
  private static final int WARM_UP = 20;

  private final Kernel kernel = new LinuxKernel();
  private final Userfaultfd uffd =
      kernel.openUserfaultfd(OpenOptions.of(Feature.MOVE, Feature.PAGEFAULT_FLAG_WP));
  private final long region = map(PAGES, Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT));
  private final long staging;
  private final long contents = Arena.global().allocate(FILL * PAGE, PAGE).address();
  private final int run;
  private final boolean free;

  private EvictionProgram(int run, boolean free) {
    this.run = run;
    this.free = free;
    this.staging = map(PAGES, Set.of(RegisterMode.MISSING));
  }

  public static void main(String[] arguments) {
    EvictionProgram program =
        new EvictionProgram(Integer.parseInt(arguments[0]), arguments.length > 2);
    double[] values = new double[Integer.parseInt(arguments[1])];
    for (int i = -WARM_UP; i < values.length; i++) {
      double nanos = program.round();
      if (i >= 0) {
        values[i] = nanos;
      }
    }
    Arrays.sort(values);
    System.out.printf(Locale.ROOT, "{\"page_ns\":%.1f}%n", values[values.length / 2]);
  }

  private long map(int pages, Set<RegisterMode> modes) {
    long bytes = pages * PAGE;
    long address = kernel.mapUnreserved(bytes);
    kernel.advise(address, bytes, Advice.NO_HUGE_PAGE);
    uffd.register(address, bytes, modes);
    return address;
  }

  private double round() {
    for (long at = 0; at < PAGES * PAGE; at += FILL * PAGE) {
      check(uffd.copy(region + at, contents, FILL * PAGE, FillMode.WAKE));
    }
    long bytes = run * PAGE;
    long start = System.nanoTime();
    for (long at = 0; at < PAGES * PAGE; at += bytes) {
      check(uffd.move(staging + at, region + at, bytes, MoveMode.DONT_WAKE));
      if (free) {
        kernel.advise(staging + at, bytes, Advice.DONT_NEED);
      }
    }
    double nanos = System.nanoTime() - start;
    if (!free) {
      kernel.advise(staging, PAGES * PAGE, Advice.DONT_NEED);
    }
    return nanos / PAGES;
  }

  private static void check(long result) {
    if (FillResult.errno(result) != 0) {
      throw new IllegalStateException("errno " + FillResult.errno(result));
    }
  }
}
