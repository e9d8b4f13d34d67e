package io.faultline.cli.pager;

import io.faultline.pager.PagerServer;
import io.faultline.paging.PagerStats;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.store.CompressedMemoryStore;
import io.faultline.proto.metrics.MeterSet;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Registers the meters of a pager; docs/metrics.md lists them. All are read from its counters when
 * the registry asks, so they cost nothing while it pages.
 */
final class PagerMeters {
  private static final String PREFIX = "pager.";

  private final MeterSet meters;
  private final SharedMemoryPager pager;

  private PagerMeters(MeterRegistry registry, SharedMemoryPager pager) {
    this.meters = new MeterSet(registry, "pager");
    this.pager = pager;
  }

  /**
   * Registers all meters.
   *
   * @param memory the store in memory; null if there is none: its meters are 0 then
   */
  static void register(
      MeterRegistry registry,
      PagerServer server,
      SharedMemoryPager pager,
      PagerLog log,
      @Nullable CompressedMemoryStore memory) {
    PagerMeters meters = new PagerMeters(registry, pager);
    meters.clients(server, log);
    meters.buffer();
    meters.pages();
    meters.transfers();
    meters.memoryStore(memory);
  }

  private void clients(PagerServer server, PagerLog log) {
    meters.gauge(PREFIX + "clients", "Clients that are connected", server::clients);
    meters.gauge(PREFIX + "regions", "Regions of these clients", server::regionCount);
    meters.gauge(
        PREFIX + "regions.size", "Size of these regions", BaseUnits.BYTES, server::regionBytes);
    meters.counter(PREFIX + "clients.accepted", "Clients accepted", log::accepted);
    meters.counter(PREFIX + "clients.refused", "Clients refused", log::refused);
  }

  private void buffer() {
    meters.gauge(
        PREFIX + "buffer", "Limit of the memory for pages", BaseUnits.BYTES, pager::bufferBytes);
    bytes("used", "Memory for pages in use, staged ones included", stats -> stats.usedPages());
    bytes("most.used", "The maximum of that so far", stats -> stats.mostUsedPages());
  }

  private void pages() {
    count("faults", "Faults on missing pages", stats -> stats.faults());
    count("protect.faults", "Faults on write-protected pages", stats -> stats.protectFaults());
    count("pages.ahead", "Pages read ahead of accesses", stats -> stats.pagesAhead());
    count("pages.evicted.clean", "Pages dropped, which equalled the store", s -> s.evictedClean());
    count("pages.evicted.dirty", "Pages evicted that must be written", s -> s.evictedDirty());
    count("pages.rescued", "Pages accessed on their way to the store", stats -> stats.rescued());
    count("errors", "Failures of stores, and other errors", stats -> stats.errors());
  }

  private void transfers() {
    count("fills", "Reads of stores", stats -> stats.fills());
    count("writes", "Writes of stores", stats -> stats.writes());
    transferred("read", "Bytes read from stores", stats -> stats.pagesRead());
    transferred("written", "Bytes written to stores", stats -> stats.pagesWritten());
  }

  private void memoryStore(@Nullable CompressedMemoryStore memory) {
    meters.gauge(
        PREFIX + "memory.store.pages",
        "Pages of the store in memory that are not all zeros",
        () -> memory == null ? 0 : memory.stats().pages());
    meters.gauge(
        PREFIX + "memory.store.used",
        "Memory that they take when compressed",
        BaseUnits.BYTES,
        () -> memory == null ? 0 : memory.stats().usedBytes());
  }

  private void bytes(String name, String what, ToLongFunction<PagerStats> pages) {
    meters.gauge(
        PREFIX + name,
        what,
        BaseUnits.BYTES,
        () -> pages.applyAsLong(pager.stats()) * pager.pageBytes());
  }

  private void count(String name, String what, ToLongFunction<PagerStats> value) {
    meters.counter(PREFIX + name, what, () -> value.applyAsLong(pager.stats()));
  }

  private void transferred(String name, String what, ToLongFunction<PagerStats> pages) {
    meters.counter(
        PREFIX + name,
        what,
        BaseUnits.BYTES,
        Tags.empty(),
        () -> pages.applyAsLong(pager.stats()) * pager.pageBytes());
  }
}
