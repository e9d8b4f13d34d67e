package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/** Any bytes from a peer decode to frames or are refused, with the same result however split. */
final class FrameDecoderFuzzTest {
  @FuzzTest(maxDuration = "2s")
  void anyBytesDecodeToFramesOrAreRefused(byte[] bytes) {
    assertThat(feed(bytes, 1)).isEqualTo(feed(bytes, bytes.length + 1));
  }

  /** Feeds bytes in pieces; returns a line for each frame, and the reason of the close. */
  private static String feed(byte[] bytes, int pieceBytes) {
    FrameLog log = new FrameLog();
    FrameDecoder decoder = new FrameDecoder(log);
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.handOver(log);
    for (int at = 0; at < bytes.length && channel.isActive(); at += pieceBytes) {
      int length = Math.min(pieceBytes, bytes.length - at);
      ByteBuf piece = Unpooled.directBuffer(length);
      channel.writeInbound(piece.writeBytes(bytes, at, length));
    }
    channel.close();
    return log.lines.toString();
  }

  /** Logs frames. The connection may end with a WireException or its own close only. */
  private static final class FrameLog implements FrameReceiver {
    final StringBuilder lines = new StringBuilder();
    private long payloadLeft;
    private long dataBytes;

    @Override
    public void control(Frame frame) {
      lines.append(frame.getBodyCase()).append('\n');
    }

    @Override
    public void request(int region, long firstPage, int count) {
      lines.append("request ").append(region).append(' ').append(firstPage);
      lines.append(" count ").append(count).append('\n');
    }

    @Override
    public void request(int region, long page) {
      lines.append("request ").append(region).append(' ').append(page).append('\n');
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      assertThat(payload).isNotNegative();
      payloadLeft = payload;
      lines.append("pages ").append(region).append(' ').append(firstPage).append(' ').append(count);
      lines.append(' ').append(encoding).append(' ').append(payload).append('\n');
    }

    @Override
    public void pageData(long address, int bytes) {
      assertThat((long) bytes).isBetween(1L, payloadLeft);
      payloadLeft -= bytes;
      dataBytes += bytes;
    }

    @Override
    public void closed(Throwable cause) {
      boolean expected = Transport.isRecoverable(cause);
      if (!expected) {
        throw new AssertionError("the decoder failed", cause);
      }
      lines.append(dataBytes).append(" bytes, then ").append(cause.getMessage());
    }
  }
}
