package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine's pool of 2 MiB pages. */
final class HugePages {
  private static final Path POOL = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");

  private HugePages() {}

  /** Sees to it that so many are free, as far as this user may. */
  static Reservation reserve(long pages) throws IOException {
    Path total = POOL.resolve("nr_hugepages");
    if (!Files.exists(total)) {
      return new Reservation(0, 0, "this machine has no huge pages of 2 MiB");
    }
    long before = number("nr_hugepages");
    long lacking = pages - available();
    if (lacking <= 0) {
      return new Reservation(before, pages, "");
    }
    if (!Files.isWritable(total)) {
      return new Reservation(before, 0, pages + " free huge pages are needed, or root to get them");
    }
    Files.writeString(total, Long.toString(before + lacking));
    boolean enough = available() >= pages;
    return new Reservation(
        before, enough ? pages : 0, "memory is too fragmented for " + pages + " huge pages");
  }

  /** Pages in the pool; 0 where there is none. */
  static long total() throws IOException {
    return Files.exists(POOL) ? number("nr_hugepages") : 0;
  }

  private static long available() throws IOException {
    return number("free_hugepages") - number("resv_hugepages");
  }

  private static long number(String file) throws IOException {
    return Long.parseLong(Files.readString(POOL.resolve(file)).strip());
  }

  /**
   * Pages that are free; closing gives back those that the pool did not have before.
   *
   * @param before size of the pool before
   * @param pages how many, or 0
   * @param reason why there are none
   */
  record Reservation(long before, long pages, String reason) implements AutoCloseable {
    boolean isEnough() {
      return pages > 0;
    }

    @Override
    public void close() throws IOException {
      Path total = POOL.resolve("nr_hugepages");
      if (Files.isWritable(total) && number("nr_hugepages") != before) {
        Files.writeString(total, Long.toString(before));
      }
    }
  }
}
