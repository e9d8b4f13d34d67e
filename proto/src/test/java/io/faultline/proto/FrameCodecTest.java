package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageRequest;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.StreamEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameCodecTest {
  /** More than the 72 bytes that the H of HTTP, read as a length, announces. */
  private static final String HTTP_REST =
      "204261642052657175657374204261642052657175657374204261642052657175657374"
          + "204261642052657175657374204261642052657175657374204261642052657175657374";

  private final RecordingReceiver receiver = new RecordingReceiver();
  private final FrameDecoder decoder = new FrameDecoder(receiver);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void handWrittenHeadersEqualTheGeneratedOnes() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("handWrittenHeadersEqualTheGeneratedOnes seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      int region = random.nextInt(4);
      long page = random.nextLong() >>> (1 + random.nextInt(63));
      int count = random.nextInt() >>> (1 + random.nextInt(31));
      long payload = random.nextLong() >>> (1 + random.nextInt(63));
      Encoding encoding = random.nextBoolean() ? Encoding.ENCODING_RAW : Encoding.ENCODING_ZERO;
      ByteBuf request = Unpooled.buffer();
      FrameWriter.request(request, region, page);
      assertThat(parse(request))
          .isEqualTo(
              Frame.newBuilder()
                  .setRequest(PageRequest.newBuilder().setRegion(region).setPage(page))
                  .build());
      ByteBuf pages = Unpooled.buffer();
      int checksum = random.nextInt(4) == 0 ? 0 : random.nextInt();
      FrameWriter.pages(pages, region, page, count, encoding, payload, checksum);
      assertThat(pages.readableBytes()).isLessThanOrEqualTo(FrameWriter.HOT_HEADER_BYTES);
      Frame generated =
          Frame.newBuilder()
              .setPages(
                  PageRun.newBuilder()
                      .setRegion(region)
                      .setFirstPage(page)
                      .setCount(count)
                      .setEncoding(encoding)
                      .setPayloadBytes(payload)
                      .setChecksum(checksum))
              .build();
      ByteBuf reference = Unpooled.buffer();
      generated.writeDelimitedTo(new ByteBufOutputStream(reference));
      assertThat(pages).isEqualTo(reference);
      reference.release();
    }
  }

  @Test
  void requestsForPagesOfAProcessEqualTheGeneratedCodeAndArrive() throws Exception {
    decoder.handOver(receiver);
    long last = (1L << 57) / 4096 - 1; // with five levels of page tables
    for (long page : new long[] {0, 1, 0x7ffff7dd5L, last}) {
      for (int count : new int[] {1, 127, 128, 1024, Integer.MAX_VALUE}) {
        ByteBuf request = Unpooled.buffer();
        FrameWriter.request(request, 7, page, count);
        assertThat(request.readableBytes()).isLessThanOrEqualTo(FrameWriter.HOT_HEADER_BYTES);
        assertThat(parse(request.duplicate()))
            .isEqualTo(
                Frame.newBuilder()
                    .setRequest(PageRequest.newBuilder().setRegion(7).setPage(page).setCount(count))
                    .build());
        channel.writeInbound(direct(request));
        assertThat(receiver.events.getLast()).isEqualTo("request 7 " + page + " count " + count);
      }
    }
    assertThat(receiver.causes).isEmpty();
  }

  @Test
  void prependedHeaderEqualsTheAppendedOne() {
    ByteBuf whole = Unpooled.buffer(FrameWriter.HOT_HEADER_BYTES + 5000);
    whole.writerIndex(FrameWriter.HOT_HEADER_BYTES + 5000);
    FrameWriter.prependPages(whole, 3, 1L << 40, 77, Encoding.ENCODING_LZ4, -1);
    ByteBuf header = Unpooled.buffer();
    FrameWriter.pages(header, 3, 1L << 40, 77, Encoding.ENCODING_LZ4, 5000, -1);
    assertThat(whole.readSlice(header.readableBytes())).isEqualTo(header);
    assertThat(whole.readableBytes()).isEqualTo(5000);
  }

  @Test
  void framesAndTheirDataArriveWholeHoweverTheyAreSplit() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("framesAndTheirDataArriveWholeHoweverTheyAreSplit seed " + seed);
    Random random = new Random(seed);
    decoder.handOver(receiver);
    ByteBuf stream = Unpooled.buffer();
    ByteBuf sentData = Unpooled.buffer();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      writeRandomFrame(random, stream, sentData, expected);
    }
    while (stream.isReadable()) {
      int max = random.nextBoolean() ? 3 : 5000;
      int piece = Math.min(1 + random.nextInt(max), stream.readableBytes());
      channel.writeInbound(direct(stream.readBytes(piece)));
    }
    assertThat(receiver.causes).isEmpty();
    assertThat(receiver.events).isEqualTo(expected);
    byte[] data = new byte[sentData.readableBytes()];
    sentData.readBytes(data);
    assertThat(receiver.data.toByteArray()).isEqualTo(data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00", // an empty header
        "ffffff7f", // a length above the limit
        "ffffffff01", // a length of more than 4 bytes
        "8100", // a length with a redundant byte
        "0472030800", // a request whose body is longer than the header
        "04720308ffff", // an unterminated varint
        "03720112", // half a field
        "0472025800", // an unknown field
        "047a022009", // an unknown encoding
        "087a0630ffffffff1f", // a checksum of more than 32 bits
        "03ff0000", // not protobuf
        "02b20600", // an unknown kind of frame
        "485454502f312e3120343030" + HTTP_REST // another protocol
      })
  void malformedFrameClosesTheConnectionWithAReason(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    channel.writeInbound(direct(Unpooled.wrappedBuffer(bytes)));
    assertThat(receiver.events).isEmpty();
    assertThat(receiver.causes).hasSize(1);
    assertThat(receiver.causes.get(0)).isInstanceOf(WireException.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void longHeadersAreRefusedBeforeTheHello() {
    ByteBuf header = Unpooled.buffer();
    Varint.write(header, HeaderLength.MAX_HELLO_BYTES + 1);
    channel.writeInbound(direct(header));
    assertThat(receiver.causes).hasSize(1);
  }

  @Test
  void nothingIsDeliveredAfterAnError() {
    ByteBuf stream = Unpooled.buffer();
    stream.writeByte(0);
    FrameWriter.request(stream, 0, 1);
    channel.writeInbound(direct(stream));
    assertThat(receiver.events).isEmpty();
    assertThat(receiver.causes).hasSize(1);
  }

  private static void writeRandomFrame(
      Random random, ByteBuf stream, ByteBuf sentData, List<String> expected) {
    switch (random.nextInt(3)) {
      case 0 -> {
        long page = random.nextInt(1 << 20);
        FrameWriter.request(stream, 1, page);
        expected.add("request 1 " + page);
      }
      case 1 -> {
        int bytes = random.nextInt(10_000);
        FrameWriter.pages(stream, 0, 7, 2, Encoding.ENCODING_RAW, bytes, -5);
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        stream.writeBytes(data);
        sentData.writeBytes(data);
        expected.add("pages 0 7 2 ENCODING_RAW " + bytes + " -5");
      }
      default -> {
        Frame frame =
            Frame.newBuilder()
                .setStreamEnd(StreamEnd.newBuilder().setPages(random.nextLong()))
                .build();
        ByteBuf encoded = FrameWriter.frame(ByteBufAllocator.DEFAULT, frame);
        stream.writeBytes(encoded);
        encoded.release();
        expected.add("control STREAM_END");
      }
    }
  }

  private static Frame parse(ByteBuf buffer) throws Exception {
    long length = Varint.read(buffer, buffer.writerIndex());
    assertThat(length).isEqualTo(buffer.readableBytes());
    return Frame.parseFrom(buffer.nioBuffer());
  }

  private static ByteBuf direct(ByteBuf buffer) {
    ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer(buffer.readableBytes());
    direct.writeBytes(buffer);
    buffer.release();
    return direct;
  }
}
