package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.WireException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One {@link PageStream} for each bulk connection, since each assembles its own run; at least one.
 * The control loop creates them before the first page arrives; after that they are confined to the
 * bulk loop.
 */
final class BulkPageStreams implements AutoCloseable {
  private final Supplier<PageStream> maker;
  private Set<Capability> agreed = Set.of();
  private volatile PageStream[] streams;

  BulkPageStreams(Supplier<PageStream> maker) {
    this.maker = maker;
    streams = new PageStream[] {maker.get()};
  }

  /**
   * Refuses more than one connection for pages that are larger than a run usually is: with
   * placement copy each connection would need a buffer for a page of 1 GiB.
   */
  static void check(List<MemoryRegion> regions, Placement placement, int channels)
      throws WireException {
    for (MemoryRegion each : regions) {
      boolean whole = placement == Placement.COPY && each.pageBytes() > RunLimits.MAX_RUN_BYTES;
      if (whole && channels > 1) {
        throw new WireException(
            channels
                + " bulk connections for pages of "
                + each.pageBytes()
                + " bytes, each of which is assembled before it is copied: use one connection, or"
                + " placement continue");
      }
    }
  }

  /** Control loop, before the first page: the capabilities of both sides. */
  void agree(Set<Capability> both) {
    agreed = both;
    for (PageStream each : streams) {
      each.agree(both);
    }
  }

  /** Control loop: makes sure that there is a stream for each of so many connections. */
  void ensureStreams(int channels) {
    PageStream[] before = streams;
    if (channels <= before.length) {
      return;
    }
    PageStream[] more = Arrays.copyOf(before, channels);
    for (int i = before.length; i < channels; i++) {
      more[i] = maker.get();
      more[i].agree(agreed);
    }
    streams = more;
  }

  PageStream get(int channel) {
    return streams[channel];
  }

  /** Bulk loop: drops the runs that lost connections left unfinished. */
  void reset() {
    for (PageStream each : streams) {
      each.reset();
    }
  }

  @Override
  public void close() {
    for (PageStream each : streams) {
      each.close();
    }
  }
}
