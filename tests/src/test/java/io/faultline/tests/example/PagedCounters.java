package io.faultline.tests.example;

import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Counters in a file, 64 MiB of them, of which 4 MiB are in memory. */
final class PagedCounters implements AutoCloseable {
  private static final long BUFFER_BYTES = 4 << 20;
  private static final long BYTES = 64 << 20;

  private final Pager pager = Pager.open(new LinuxKernel(), PagerOptions.of(BUFFER_BYTES));
  private final FileStore store;
  private final PagedRegion region;

  PagedCounters(Path file) throws IOException {
    store = FileStore.open(file, BYTES); // created, and sparse, if it does not exist
    region = pager.map(store, BYTES);
    region.onError(error -> System.err.println(error.message()));
  }

  /** Increments counters at random, and makes that durable. */
  void count(int times, Random random) {
    try (PagedAccess access = region.access()) { // one for each thread
      for (int i = 0; i < times; i++) {
        long offset = random.nextLong(BYTES / Long.BYTES) * Long.BYTES;
        access.putLong(offset, access.getLong(offset) + 1);
      }
    }
    region.flushAll(); // what it returned for survives a crash
  }

  long sum() {
    long sum = 0;
    try (PagedAccess access = region.access()) { // sequential: read ahead by itself
      for (long offset = 0; offset < BYTES; offset += Long.BYTES) {
        sum += access.getLong(offset);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    pager.close(); // closes the region too
    store.close();
  }
}
