package io.faultline.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What tests need of the machine; where it is missing they are skipped. */
final class Machines {
  private Machines() {}

  static Kernel linux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    return new LinuxKernel();
  }

  static Kernel linuxWithUserfaultfd() {
    Kernel kernel = linux();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    return kernel;
  }

  /** Enlarges the pool where it is too small and this process may; gives the pages back. */
  static AutoCloseable hugePages(Kernel kernel, PageSize size, long pages) throws IOException {
    assumeTrue(kernel.hugePagePool(size).isPresent(), "no huge pages of size " + size);
    HugePagePool pool = kernel.hugePagePool(size).orElseThrow();
    long missing = pages - pool.available();
    if (missing <= 0) {
      return () -> {};
    }
    Path number =
        Path.of(
            "/sys/kernel/mm/hugepages/hugepages-"
                + (1L << (size.shift() - 10))
                + "kB/nr_hugepages");
    assumeTrue(Files.isWritable(number), "the pool of " + size + " pages is empty");
    Files.writeString(number, Long.toString(pool.total() + missing));
    AutoCloseable restore = () -> Files.writeString(number, Long.toString(pool.total()));
    if (kernel.hugePagePool(size).orElse(pool).available() < pages) {
      Files.writeString(number, Long.toString(pool.total()));
      assumeTrue(false, "the machine has no " + pages + " huge pages of size " + size);
    }
    return restore;
  }
}
