package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Runs of pages on the wire: checksums and compression. */
@EnabledOnOs(OS.LINUX)
final class WirePagesTest {
  private static final int PAGES = 64;
  private static final int BYTES = PAGES * 4096;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, BYTES);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final OutgoingCounters counters = new OutgoingCounters();

  @AfterEach
  void unmap() {
    channel.finishAndReleaseAll();
    ram.close();
  }

  @Test
  void everyKindOfRunCarriesItsChecksum() {
    fill(0);
    ChannelPageSink sink = new ChannelPageSink(channel, counters, true, null);
    sink.sendData(ram, 3, 1);
    sink.sendData(ram, 4, 20);
    sink.sendLive(ram, 3, 1);
    sink.sendLive(ram, 4, 20);
    sink.sendZeros(ram, 7, 9);
    sink.sendCurrent(ram, 1, 2);
    RunChecksum sums = new RunChecksum();
    for (int i = 0; i < 6; i++) {
      Run run = next();
      ByteBuffer payload = run.data.length == 0 ? null : ByteBuffer.wrap(run.data);
      assertThat(run.checksum)
          .as("run %s", i)
          .isEqualTo(sums.of(0, run.firstPage, run.count, run.encoding, payload));
      assertThat(run.data).isEqualTo(memory(run.firstPage, run.data.length));
    }
  }

  @Test
  void compressibleRunIsSentCompressed() throws Exception {
    fill(0.75);
    for (CompressionMode mode : new CompressionMode[] {CompressionMode.LZ4, CompressionMode.ZSTD}) {
      try (RunCompressor compressor = compressor(mode)) {
        ChannelPageSink sink = new ChannelPageSink(channel, counters, true, compressor);
        int sent = sink.sendData(ram, 0, PAGES);
        assertThat(sink.sendLive(ram, 0, PAGES)).isEqualTo(sent).isLessThan(BYTES * 3 / 4);
        for (int i = 0; i < 2; i++) {
          Run run = next();
          assertThat(run.encoding.name()).endsWith(mode.name());
          assertThat(run.data).hasSize(sent);
          assertThat(expanded(run)).isEqualTo(memory(0, BYTES));
        }
      }
    }
    assertThat(counters.compression.pages().sum()).isEqualTo(4 * PAGES);
    assertThat(counters.compression.bytesBefore().sum()).isEqualTo(4L * BYTES);
    assertThat(counters.compression.bytesAfter().sum()).isLessThan(3L * BYTES);
  }

  @Test
  void incompressibleRunIsSentRaw() {
    fill(0);
    try (RunCompressor compressor = compressor(CompressionMode.ZSTD)) {
      ChannelPageSink sink = new ChannelPageSink(channel, counters, false, compressor);
      assertThat(sink.sendData(ram, 0, PAGES)).isEqualTo(BYTES);
      Run run = next();
      assertThat(run.encoding).isEqualTo(Encoding.ENCODING_RAW);
      assertThat(run.data).isEqualTo(memory(0, BYTES));
      assertThat(counters.compression.pages().sum()).isZero();
    }
  }

  /** While the guest runs, the data must not change between its checksum and the socket. */
  @Test
  void liveRunIsSentAsItWasForItsChecksum() {
    fill(0);
    byte[] before = memory(0, BYTES);
    ChannelPageSink sink = new ChannelPageSink(channel, counters, true, null);
    sink.sendLive(ram, 0, PAGES);
    ram.guest().data().set(JAVA_LONG, 100 * Long.BYTES, -1);
    assertThat(next().data).isEqualTo(before);
  }

  private RunCompressor compressor(CompressionMode mode) {
    EnumSet<Capability> all = EnumSet.allOf(Capability.class);
    return new RunCompressor(
        mode, all, () -> SourceSettings.UNLIMITED, counters.compression, System::nanoTime);
  }

  /** Fills memory with random words, this fraction of them small numbers. */
  private void fill(double smallFraction) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (long at = 0; at < BYTES; at += Long.BYTES) {
      boolean small = random.nextDouble() < smallFraction;
      ram.guest().data().set(JAVA_LONG, at, small ? random.nextInt(16) : random.nextLong());
    }
  }

  private byte[] memory(long firstPage, long bytes) {
    return ram.guest().data().asSlice(firstPage * 4096, bytes).toArray(JAVA_BYTE);
  }

  private static byte[] expanded(Run run) throws Exception {
    ByteBuffer from = ByteBuffer.allocateDirect(run.data.length).put(run.data).clear();
    ByteBuffer to = ByteBuffer.allocateDirect(BYTES);
    try (PageCodec codec = PageCodec.of(run.encoding)) {
      codec.decompress(from, 0, run.data.length, to, 0, BYTES);
    }
    byte[] pages = new byte[BYTES];
    to.get(pages);
    return pages;
  }

  /** Reads the next run off the channel. */
  private Run next() {
    channel.flushOutbound();
    Run run = new Run();
    FrameDecoder decoder = new FrameDecoder(run);
    decoder.handOver(run);
    EmbeddedChannel reader = new EmbeddedChannel(decoder);
    do {
      ByteBuf sent = channel.readOutbound();
      assertThat(sent).as("rest of a run").isNotNull();
      ByteBuf direct = reader.alloc().directBuffer().writeBytes(sent);
      sent.release();
      reader.writeInbound(direct);
    } while (run.left > 0);
    reader.finishAndReleaseAll();
    run.data = run.bytes.toByteArray();
    assertThat(run.failure).isNull();
    return run;
  }

  /** One run as it arrives. */
  private static final class Run implements FrameReceiver {
    private long firstPage;
    private int count;
    private Encoding encoding = Encoding.ENCODING_RAW;
    private int checksum;
    private long left;
    private byte[] data = {};
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable Throwable failure;
    private boolean ended;

    @Override
    public void pages(
        int region, long first, int number, Encoding how, long payloadBytes, int sum) {
      firstPage = first;
      count = number;
      encoding = how;
      checksum = sum;
      left = payloadBytes;
    }

    @Override
    public void pageData(long address, int length) {
      bytes.writeBytes(MemorySegment.ofAddress(address).reinterpret(length).toArray(JAVA_BYTE));
      left -= length;
      ended = left == 0;
    }

    @Override
    public void control(Frame frame) {
      throw new AssertionError(frame);
    }

    @Override
    public void closed(Throwable cause) {
      failure = left == 0 || ended ? null : cause;
    }
  }
}
