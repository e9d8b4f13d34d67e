package io.faultline.cli.report;

import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.vm.HostedVm;
import io.faultline.paging.PagerStats;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/** What a pager did for a VM, from its start on. */
public final class PagingResult {
  private PagingResult() {}

  /** Adds an object {@code paging} to the result of a migration, if the VM is paged here. */
  public static void addTo(ObjectNode result, HostedVm vm) {
    vm.pagedRam().ifPresent(ram -> put(result.putObject("paging"), ram, operations(vm)));
  }

  private static long operations(HostedVm vm) {
    return Arrays.stream(vm.opsDone()).sum();
  }

  private static void put(ObjectNode into, PagedRam ram, long operations) {
    PagerStats stats = ram.statsSinceFilled();
    into.put("buffer_bytes", stats.bufferPages() * ram.pageBytes());
    into.put("most_used_bytes", stats.mostUsedPages() * ram.pageBytes());
    into.put("pages_from_store", ram.pagesFromStore());
    put(into, stats, ram.pageBytes(), operations);
  }

  /**
   * Puts what the pager has counted.
   *
   * @param operations that the guest did meanwhile
   */
  public static void put(ObjectNode into, PagerStats stats, long pageBytes, long operations) {
    into.put("fills", stats.fills());
    into.put("rescues", stats.rescued());
    into.put("evicted_clean", stats.evictedClean());
    into.put("evicted_dirty", stats.evictedDirty());
    into.put("bytes_in", stats.pagesRead() * pageBytes);
    into.put("bytes_out", stats.pagesWritten() * pageBytes);
    into.put("hit_rate", hitRate(stats, operations));
  }

  /** The share of operations that needed neither the store nor a page on its way there. */
  public static double hitRate(PagerStats stats, long operations) {
    long misses = stats.fills() + stats.rescued();
    return operations == 0 ? 1 : Math.max(0, 1 - (double) misses / operations);
  }
}
