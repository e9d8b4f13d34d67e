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
 * The pages of each bulk connection: a run is put together apart from those on the others. They are
 * made by the control loop, before the first page comes on them, and belong to the bulk loop from
 * there on; there is one at least.
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
   * Refuses more than one where a run is longer than any on the wire has to be: with placement copy
   * each connection would have a page of 1 GiB to itself.
   */
  static void check(List<MemoryRegion> regions, Placement placement, int channels)
      throws WireException {
    for (MemoryRegion each : regions) {
      boolean whole = placement == Placement.COPY && each.pageBytes() > PageStream.MAX_RUN_BYTES;
      if (whole && channels > 1) {
        throw new WireException(
            channels
                + " bulk connections for pages of "
                + each.pageBytes()
                + " bytes, each of which is put together before it is copied: choose one"
                + " connection, or placement continue");
      }
    }
  }

  /** Control loop: what both ends can do; before the first page. */
  void agree(Set<Capability> both) {
    agreed = both;
    for (PageStream each : streams) {
      each.agree(both);
    }
  }

  /** Control loop: there are so many connections from here on, or fewer. */
  void provide(int channels) {
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

  /** Bulk loop: what connections left unfinished never was. */
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
