package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import io.faultline.dest.recording.PlacementLog;
import io.faultline.proto.Capability;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The page streams of all connections: the urgent one belongs to the control loop, and those of the
 * bulk connections to the bulk loop, once the first page can arrive. Each has a target of its own.
 */
final class PageStreams implements AutoCloseable {
  private final IncomingRegions regions;
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;
  private final IncomingCounters counters;
  private final Function<@Nullable PlacementLog, PageTarget> targets;
  private final PageStream urgent;
  private final BulkPageStreams bulk;

  /**
   * @param targets creates a target, which records what it places in the given log
   */
  PageStreams(
      IncomingRegions regions,
      PagePlacer placer,
      Supplier<GuestPhase> phase,
      PlacementContext context,
      Function<@Nullable PlacementLog, PageTarget> targets) {
    this.regions = regions;
    this.placer = placer;
    this.phase = phase;
    this.targets = targets;
    counters = context.counters();
    IncomingRecording recording = context.recording();
    PlacementLog urgentLog = recording == null ? null : recording.urgent();
    PlacementLog bulkLog = recording == null ? null : recording.bulk();
    urgent = create(context.urgentWaits(), counters.urgentPages, urgentLog, context.needed());
    bulk =
        new BulkPageStreams(() -> create(context.bulkWaits(), counters.bulkPages, bulkLog, null));
  }

  private PageStream create(
      MemoryWaits waits,
      LongAdder placed,
      @Nullable PlacementLog log,
      @Nullable NeededPages needed) {
    return new PageStream(
        regions,
        targets.apply(log),
        placer,
        waits,
        phase,
        counters.precopyPages,
        placed,
        log,
        needed);
  }

  /** Sets the capabilities of both sides; before the first page. */
  void agree(Set<Capability> agreed) {
    urgent.agree(agreed);
    bulk.agree(agreed);
  }

  /** The stream of urgent pages. */
  PageStream urgent() {
    return urgent;
  }

  /** The streams of the bulk connections. */
  BulkPageStreams bulk() {
    return bulk;
  }

  @Override
  public void close() {
    urgent.close();
    bulk.close();
  }
}
