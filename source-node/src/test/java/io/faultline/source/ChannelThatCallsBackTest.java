package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.source.scan.ScanOrder;
import io.faultline.source.scan.ScanSettings;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Netty reports changes of a channel's writability from within write and flush. So the background
 * scan is called while it is sending.
 */
@EnabledOnOs(OS.LINUX)
final class ChannelThatCallsBackTest {
  private static final int PAGES = 256;
  private static final int RUN_BYTES = 256 << 10;

  /** The range of limits, which includes those that the header of the second run crosses. */
  private static final int SPREAD = 400;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);

  @BeforeEach
  void noPageIsZero() {
    for (int page = 0; page < PAGES; page++) {
      ram.guest().data().set(JAVA_BYTE, page * 4096L, (byte) 1);
    }
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void everyPayloadFollowsItsHeader() {
    for (int limit = RUN_BYTES; limit < RUN_BYTES + SPREAD; limit += 10) {
      List<Integer> sizes = new ArrayList<>();
      push(limit, sizes);
      assertThat(sizes).as("limit %s", limit).hasSize(2 * PAGES * 4096 / RUN_BYTES);
      for (int i = 0; i < sizes.size(); i += 2) {
        assertThat(sizes.get(i)).as("limit %s, header %s", limit, i).isLessThan(48);
        assertThat(sizes.get(i + 1)).as("limit %s, payload %s", limit, i).isEqualTo(RUN_BYTES);
      }
    }
  }

  @Test
  void endIsReportedOnce() {
    for (int limit = RUN_BYTES; limit < RUN_BYTES + SPREAD; limit += 10) {
      assertThat(push(limit, new ArrayList<>())).as("limit %s", limit).isEqualTo(1);
    }
  }

  /** Sends all pages over a channel with a limit; returns how often the end was reported. */
  private int push(int limit, List<Integer> sizes) {
    Pusher pusher = new Pusher();
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, limit));
    OutgoingCounters counters = new OutgoingCounters();
    OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);
    regions.markStale();
    ChannelPageSink sink = new ChannelPageSink(channel, counters);
    BulkPump pump = TestPumps.unlimited(sink);
    pusher.pump = pump;
    channel.pipeline().addLast(pusher);
    ScanOrder order = new ScanOrder(regions.all(), ScanSettings.DEFAULT);
    pump.start(new BackgroundScan(regions, order, sink, counters), () -> pusher.ends++);
    for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      sizes.add(sent.readableBytes());
      sent.release();
    }
    channel.finishAndReleaseAll();
    return pusher.ends;
  }

  /** Pushes whenever the writability changes, as the source does. */
  private static final class Pusher extends ChannelInboundHandlerAdapter {
    private @Nullable BulkPump pump;
    private int ends;

    void push() {
      if (pump != null) {
        pump.push();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      push();
    }
  }
}
