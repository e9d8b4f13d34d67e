package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/** Whatever bytes a peer sends are frames, or are refused as no frame; cut anywhere, the same. */
final class FrameDecoderFuzzTest {
  @FuzzTest(maxDuration = "5s")
  void anyBytesAreFramesOrAreRefused(byte[] bytes) {
    assertThat(feed(bytes, 1)).isEqualTo(feed(bytes, bytes.length + 1));
  }

  /** Returns what came of bytes that arrive in pieces: a line for each frame, and the end. */
  private static String feed(byte[] bytes, int pieceBytes) {
    Account account = new Account();
    FrameDecoder decoder = new FrameDecoder(account);
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.handOver(account);
    for (int at = 0; at < bytes.length && channel.isActive(); at += pieceBytes) {
      int length = Math.min(pieceBytes, bytes.length - at);
      ByteBuf piece = Unpooled.directBuffer(length);
      channel.writeInbound(piece.writeBytes(bytes, at, length));
    }
    channel.close();
    return account.told.toString();
  }

  /** Only a WireException may end a connection here, but for its own end. */
  private static final class Account implements FrameReceiver {
    final StringBuilder told = new StringBuilder();
    private long payloadLeft;
    private long dataBytes;

    @Override
    public void control(Frame frame) {
      told.append(frame.getBodyCase()).append('\n');
    }

    @Override
    public void request(int region, long page) {
      told.append("request ").append(region).append(' ').append(page).append('\n');
    }

    @Override
    public void pages(
        int region, long firstPage, int count, Encoding encoding, long payload, int checksum) {
      assertThat(payload).isNotNegative();
      payloadLeft = payload;
      told.append("pages ").append(region).append(' ').append(firstPage).append(' ').append(count);
      told.append(' ').append(encoding).append(' ').append(payload).append('\n');
    }

    @Override
    public void pageData(long address, int bytes) {
      assertThat((long) bytes).isBetween(1L, payloadLeft);
      payloadLeft -= bytes;
      dataBytes += bytes;
    }

    @Override
    public void closed(Throwable cause) {
      boolean expected = Transport.isPassing(cause);
      if (!expected) {
        throw new AssertionError("something broke in the decoder", cause);
      }
      told.append(dataBytes).append(" bytes, then ").append(cause.getMessage());
    }
  }
}
