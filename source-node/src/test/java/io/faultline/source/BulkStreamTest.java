package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.source.scan.ScanOrder;
import io.faultline.source.scan.ScanSettings;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
final class BulkStreamTest {
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096L);
  private final OutgoingCounters counters = new OutgoingCounters();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RateLimit limit = new RateLimit(SourceSettings.UNLIMITED);
  private long nowNanos;
  private long delayNanos;
  private boolean done;

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    ram.close();
  }

  @ParameterizedTest
  @EnumSource(Placement.class)
  void guestGetsAHeadStartOfThreeMilliseconds(Placement placement) {
    BulkStream stream = stream(placement);
    stream.sendBackground(() -> done = true);
    assertThat(delayNanos).isEqualTo(TimeUnit.MILLISECONDS.toNanos(3));
    nowNanos = delayNanos - 1;
    stream.push(); // the connection has room
    assertThat(channel.<Object>readOutbound()).isNull();
    nowNanos++;
    stream.timeUp();
    assertThat(done).isTrue();
    assertThat(channel.<Object>readOutbound()).isNotNull();
  }

  private BulkStream stream(Placement placement) {
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), placement);
    regions.markStale();
    RunCompressor compressor =
        new RunCompressor(
            CompressionMode.NONE,
            Set.of(),
            limit::bytesPerSecond,
            counters.compression,
            () -> nowNanos);
    List<ChannelPageSink> sinks = List.of(new ChannelPageSink(channel, counters));
    return new BulkStream(
        regions,
        placement,
        new BulkChannels(sinks, compressor, counters),
        counters,
        limit,
        new ScanOrder(regions.all(), ScanSettings.DEFAULT),
        () -> nowNanos,
        nanos -> delayNanos = nanos);
  }
}
