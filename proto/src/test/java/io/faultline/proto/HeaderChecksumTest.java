package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Frame.BodyCase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class HeaderChecksumTest {
  private static final Frame STATE =
      Frame.newBuilder()
          .setDeviceState(
              DeviceState.newBuilder()
                  .setState(ByteString.copyFromUtf8("registers"))
                  .setClockOffsetNanos(77))
          .build();

  @ParameterizedTest
  @MethodSource("frames")
  void everyFlippedBitIsDetected(BodyCase kind, Frame frame) {
    ByteBuf whole = FrameWriter.frame(ByteBufAllocator.DEFAULT, frame);
    assertThat(read(whole.copy()).frames).singleElement().extracting("bodyCase").isEqualTo(kind);
    for (int bit = 0; bit < Byte.SIZE * whole.readableBytes(); bit++) {
      Received received = read(flipped(whole, bit));
      assertThat(received.frames).as("frames with bit %d flipped", bit).isEmpty();
      assertThat(received.hotHeaders).as("hot headers with bit %d flipped", bit).isZero();
    }
    whole.release();
  }

  @Test
  void noFlippedBitMakesARequestAnotherKindOfFrame() {
    ByteBuf request = Unpooled.buffer();
    FrameWriter.request(request, 3, 0x7f12_3456_7891L, 1000);
    expectNoFrameWithAFlippedBit(request);
  }

  @Test
  void noFlippedBitMakesARunOfPagesAnotherKindOfFrame() {
    ByteBuf zeros = Unpooled.buffer();
    FrameWriter.pages(zeros, 3, 0x7f12_3456_7891L, 1000, Encoding.ENCODING_ZERO, 0, 0xfd01_fd01);
    expectNoFrameWithAFlippedBit(zeros);
  }

  @Test
  void checksumIsOptionalUntilTheHelloIsAccepted() {
    ByteBuf header = Unpooled.wrappedBuffer(STATE.toByteArray());
    ByteBuf bytes = Unpooled.buffer();
    Varint.write(bytes, header.readableBytes());
    bytes.writeBytes(header);
    Received before = new Received();
    new EmbeddedChannel(new FrameDecoder(before)).writeInbound(bytes.copy());
    assertThat(before.frames).containsExactly(STATE);
    Received after = read(bytes);
    assertThat(after.frames).isEmpty();
    assertThat(after.cause).hasMessage("a frame was damaged in transit: it has no checksum");
  }

  private static void expectNoFrameWithAFlippedBit(ByteBuf hot) {
    assertThat(read(hot.copy()).hotHeaders).isOne();
    for (int bit = 0; bit < Byte.SIZE * hot.readableBytes(); bit++) {
      assertThat(read(flipped(hot, bit)).frames).as("frames with bit %d flipped", bit).isEmpty();
    }
  }

  private static ByteBuf flipped(ByteBuf whole, int bit) {
    ByteBuf damaged = whole.copy();
    int at = bit / Byte.SIZE;
    return damaged.setByte(at, damaged.getByte(at) ^ (1 << (bit % Byte.SIZE)));
  }

  /** A frame of each kind without payload, empty; and one with contents. */
  private static Stream<Arguments> frames() {
    List<FieldDescriptor> kinds = Frame.getDescriptor().getOneofs().getFirst().getFields();
    Stream<Arguments> empty =
        kinds.stream()
            .filter(each -> each.getNumber() != Frame.REQUEST_FIELD_NUMBER)
            .filter(each -> each.getNumber() != Frame.PAGES_FIELD_NUMBER)
            .map(HeaderChecksumTest::empty)
            .map(each -> arguments(each.getBodyCase(), each));
    return Stream.concat(empty, Stream.of(arguments(BodyCase.DEVICE_STATE, STATE)));
  }

  private static Frame empty(FieldDescriptor kind) {
    Frame.Builder frame = Frame.newBuilder();
    return frame.setField(kind, frame.newBuilderForField(kind).build()).build();
  }

  private static Received read(ByteBuf bytes) {
    Received received = new Received();
    FrameDecoder decoder = new FrameDecoder(received);
    decoder.handOver(received);
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    channel.writeInbound(bytes);
    channel.close();
    return received;
  }

  private static final class Received implements FrameReceiver {
    final List<Frame> frames = new ArrayList<>();
    int hotHeaders;
    Throwable cause = new IllegalStateException("not closed");

    @Override
    public void control(Frame frame) {
      frames.add(frame.toBuilder().clearChecksum().build());
    }

    @Override
    public void request(int region, long page) {
      hotHeaders++;
    }

    @Override
    public void request(int region, long firstPage, int count) {
      hotHeaders++;
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      hotHeaders++;
    }

    @Override
    public void closed(Throwable why) {
      cause = why;
    }
  }
}
