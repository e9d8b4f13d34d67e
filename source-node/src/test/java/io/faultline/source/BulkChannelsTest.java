package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Heartbeat;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class BulkChannelsTest {
  private static final int CHANNELS = 3;
  private static final int PAGES = 256;

  /** The pages that one connection gets in a turn. */
  private static final int RUN = 64;

  private static final WriteBufferWaterMark ROOMY = new WriteBufferWaterMark(4 << 20, 8 << 20);

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private final OutgoingCounters counters = new OutgoingCounters();
  private final RunCompressor compressor =
      new RunCompressor(
          CompressionMode.NONE,
          Set.of(),
          () -> SourceSettings.UNLIMITED,
          counters.compression,
          () -> 0);

  private final BulkChannels bulk;

  BulkChannelsTest() {
    List<ChannelPageSink> sinks = new ArrayList<>();
    for (int i = 0; i < CHANNELS; i++) {
      EmbeddedChannel channel = new EmbeddedChannel();
      channel.config().setWriteBufferWaterMark(ROOMY);
      channels.add(channel);
      sinks.add(new ChannelPageSink(channel, counters));
    }
    bulk = new BulkChannels(sinks, compressor, counters);
  }

  @BeforeEach
  void noPageIsZero() {
    for (int page = 0; page < PAGES; page++) {
      ram.guest().data().set(JAVA_BYTE, page * 4096L, (byte) 1);
    }
  }

  @AfterEach
  void unmap() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    ram.close();
  }

  @Test
  void connectionsTakeTurns() {
    for (int i = 0; i < 4; i++) {
      bulk.sendData(ram, (long) i * RUN, RUN);
    }
    bulk.flush();
    assertThat(frames(0)).containsExactly("pages 0+64", "pages 192+64");
    assertThat(frames(1)).containsExactly("pages 64+64");
    assertThat(frames(2)).containsExactly("pages 128+64");
    assertThat(counters.channelBytes(CHANNELS)).containsExactly(2L << 18, 1L << 18, 1L << 18);
  }

  @Test
  void fullConnectionIsSkipped() {
    fill(1);
    for (int i = 0; i < 3; i++) {
      bulk.sendData(ram, (long) i * RUN, RUN);
    }
    assertThat(bulk.isWritable()).isTrue();
    bulk.flush();
    assertThat(frames(0)).containsExactly("pages 0+64", "pages 128+64");
    assertThat(frames(1)).isEmpty();
    assertThat(frames(2)).containsExactly("pages 64+64");
  }

  @Test
  void sinkIsWritableWhileOneConnectionIs() {
    fill(0);
    fill(2);
    assertThat(bulk.isWritable()).isTrue();
    assertThat(bulk.isWritableForFrames()).as("frames go on the first connection").isFalse();
    fill(1);
    assertThat(bulk.isWritable()).isFalse();
    assertThat(compressor.linkIsFull()).isTrue();
    channels.get(0).flushOutbound();
    assertThat(bulk.isWritable()).isTrue();
    assertThat(bulk.isWritableForFrames()).isTrue();
    assertThat(compressor.linkIsFull()).isFalse();
  }

  @Test
  void framesWithoutPagesGoOnTheFirstConnection() {
    bulk.sendData(ram, 0, RUN);
    bulk.sendData(ram, RUN, 1);
    bulk.send(Frame.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
    bulk.flush();
    assertThat(frames(0)).containsExactly("pages 0+64", "HEARTBEAT");
    assertThat(frames(1)).containsExactly("pages 64+1");
  }

  @Test
  void markerCountsThePagesOfItsConnectionSinceTheLastMarker() {
    bulk.sendData(ram, 0, RUN);
    bulk.sendLive(ram, RUN, 3);
    bulk.sendZeros(ram, RUN + 3, 2);
    bulk.sendMarkers(BulkChannelsTest::end);
    bulk.sendData(ram, RUN + 5, 1);
    bulk.sendMarkers(BulkChannelsTest::end);
    bulk.flush();
    assertThat(frames(0)).containsExactly("pages 0+64", "end of 64", "end of 0");
    assertThat(frames(1))
        .containsExactly("pages 64+3", "pages 67+2", "end of 5", "pages 69+1", "end of 1");
    assertThat(frames(2)).containsExactly("end of 0", "end of 0");
  }

  private static Frame end(long pages) {
    return Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(pages)).build();
  }

  /** Fills the queue, as if the peer read nothing. */
  private void fill(int channel) {
    EmbeddedChannel full = channels.get(channel);
    full.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
    full.write(full.alloc().buffer(8).writeLong(0));
    assertThat(full.isWritable()).isFalse();
  }

  /** The frames sent on a connection. */
  private List<String> frames(int channel) {
    List<String> frames = new ArrayList<>();
    EmbeddedChannel peer = new EmbeddedChannel(new FrameDecoder(new RecordingReceiver(frames)));
    EmbeddedChannel from = channels.get(channel);
    for (ByteBuf sent = from.readOutbound(); sent != null; sent = from.readOutbound()) {
      if (sent.readableBytes() == Long.BYTES) {
        sent.release(); // from fill()
      } else {
        peer.writeInbound(sent);
      }
    }
    peer.finishAndReleaseAll();
    return frames;
  }

  private record RecordingReceiver(List<String> frames) implements FrameReceiver {
    @Override
    public void control(Frame frame) {
      frames.add(
          frame.hasStreamEnd()
              ? "end of " + frame.getStreamEnd().getPages()
              : frame.getBodyCase().toString());
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      frames.add("pages " + firstPage + "+" + count);
    }

    @Override
    public void pageData(long address, int bytes) {
      assertThat(bytes).isPositive();
    }

    @Override
    public void closed(Throwable cause) {
      assertThat(cause).isNotNull();
    }
  }
}
