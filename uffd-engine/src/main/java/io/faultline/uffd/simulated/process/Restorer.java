package io.faultline.uffd.simulated.process;

import static io.faultline.uffd.simulated.process.ExpectedMemory.PAGE;

import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.process.RestoredProcess.LazyRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Prepares the memory of a process as CRIU does: maps it, restores some pages at once, and
 * registers all of it.
 */
final class Restorer {
  private static final OpenOptions LIKE_CRIU =
      OpenOptions.of(
          Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP);

  private final SimulatedKernel kernel;
  private final ExpectedMemory memory;
  private final DumpContents dump;
  private final Random random;
  private final List<LazyRange> lazy = new ArrayList<>();

  Restorer(SimulatedKernel kernel, ExpectedMemory memory, DumpContents dump, Random random) {
    this.kernel = kernel;
    this.memory = memory;
    this.dump = dump;
    this.random = random;
  }

  /** Maps and registers the memory; returns its userfaultfd. */
  Userfaultfd restore(ForeignOptions options) {
    Userfaultfd uffd = kernel.openUserfaultfd(LIKE_CRIU);
    long length = options.pagesPerArea() * PAGE;
    for (int area = 0; area < options.areas(); area++) {
      long start = kernel.map(MapRequest.anonymous(length, PageSize.BASE));
      uffd.register(start, length, Set.of(RegisterMode.MISSING));
      fill(uffd, start, start + length);
    }
    return uffd;
  }

  List<LazyRange> lazy() {
    return lazy;
  }

  /** Most pages are lazy, some are restored now, some were never touched. */
  private void fill(Userfaultfd uffd, long start, long end) {
    long mapping = memory.newMapping();
    for (long at = start; at < end; ) {
      long until = Math.min(end, at + (1 + random.nextInt(8)) * PAGE);
      int kind = random.nextInt(6);
      if (kind > 1) {
        lazy.add(new LazyRange(at, (int) ((until - at) / PAGE)));
      }
      for (; at < until; at += PAGE) {
        if (kind == 1) {
          restoreNow(uffd, at);
        }
        memory.set(at, kind == 0 ? PageContent.ZERO : PageContent.ofDump(at), mapping);
      }
    }
  }

  private void restoreNow(Userfaultfd uffd, long page) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment contents = arena.allocate(PAGE, Long.BYTES);
      dump.write(page, contents);
      long result = uffd.copy(page, contents.address(), PAGE, FillMode.WAKE);
      if (!FillResult.isComplete(result)) {
        throw new IllegalStateException("eager page: " + FillResult.describe(result));
      }
    }
  }
}
