package io.faultline.cli.doctor;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.List;
import java.util.Optional;

/** Checks the pools of huge pages, from which both sides of a migration take a VM's RAM. */
final class HugePageCheck {
  /** For 1 GiB of RAM on both sides. */
  private static final long ENOUGH_2M = 1024;

  /** The same. */
  private static final long ENOUGH_1G = 2;

  private HugePageCheck() {}

  static Section run(Kernel kernel) {
    return new Section(
        "Huge pages",
        List.of(
            pool("2 MiB", ENOUGH_2M, kernel.hugePagePool(PageSize.HUGE_2M)),
            pool("1 GiB", ENOUGH_1G, kernel.hugePagePool(PageSize.HUGE_1G))));
  }

  static Finding pool(String name, long enough, Optional<HugePagePool> found) {
    if (found.isEmpty()) {
      return Finding.info(name, "this machine has no huge pages of this size");
    }
    HugePagePool pool = found.get();
    String detail = pool.available() + " available of " + pool.total();
    if (pool.available() >= enough) {
      return Finding.ok(name, detail);
    }
    long wanted = pool.total() + enough - pool.available();
    return Finding.warn(
        name, detail + "; 1 GiB on both sides needs " + enough, enlarge(pool.pageSize(), wanted));
  }

  private static String enlarge(PageSize size, long pages) {
    return size == PageSize.HUGE_2M
        ? "sudo sysctl -w vm.nr_hugepages=" + pages
        : "echo " + pages + " | sudo tee /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages";
  }
}
