package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeaderChecksumTest {
  private static final Frame STATE =
      Frame.newBuilder()
          .setDeviceState(
              DeviceState.newBuilder()
                  .setState(ByteString.copyFromUtf8("registers"))
                  .setClockOffsetNanos(77))
          .build();

  @Test
  void everyFlippedBitInDeviceStateIsDetected() {
    ByteBuf whole = FrameWriter.frame(ByteBufAllocator.DEFAULT, STATE);
    int bytes = whole.readableBytes();
    assertThat(read(whole.copy()).frames).singleElement().satisfies(HeaderChecksumTest::isTheState);
    for (int bit = 0; bit < Byte.SIZE * bytes; bit++) {
      ByteBuf damaged = whole.copy();
      int at = bit / Byte.SIZE;
      damaged.setByte(at, damaged.getByte(at) ^ (1 << (bit % Byte.SIZE)));
      Received received = read(damaged);
      boolean hidden = at >= bytes - HeaderChecksum.BYTES && at < bytes - Integer.BYTES;
      if (hidden && !received.frames.isEmpty()) { // only the tag was damaged
        assertThat(received.frames).singleElement().satisfies(HeaderChecksumTest::isTheState);
      } else {
        assertThat(received.frames).as("frames with bit %d flipped", bit).isEmpty();
      }
    }
    whole.release();
  }

  private static void isTheState(Frame frame) {
    assertThat(frame.getDeviceState()).isEqualTo(STATE.getDeviceState());
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

    @Override
    public void control(Frame frame) {
      frames.add(frame);
    }

    @Override
    public void closed(Throwable cause) {
      assertThat(cause).isNotNull();
    }
  }
}
