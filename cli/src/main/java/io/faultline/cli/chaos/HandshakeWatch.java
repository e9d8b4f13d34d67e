package io.faultline.cli.chaos;

import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a copy of what the source sends on one connection: the hello, which names the role of the
 * connection, and on a control connection the RUN. Confined to the relay's event loop.
 */
final class HandshakeWatch implements FrameReceiver {
  private final Runnable onRun;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private @Nullable EmbeddedChannel channel = new EmbeddedChannel(decoder);
  private @Nullable Hello hello;

  /**
   * @param onRun called for RUN
   */
  HandshakeWatch(Runnable onRun) {
    this.onRun = onRun;
  }

  /** The source's hello; null until it has been received completely. */
  @Nullable Hello hello() {
    return hello;
  }

  /** Decodes bytes without consuming them. */
  void read(ByteBuf bytes) {
    if (channel != null) {
      channel.writeInbound(bytes.retainedDuplicate());
    }
    if (channel != null && hello != null && hello.getRole() == Role.ROLE_BULK) {
      end();
    }
  }

  private void end() {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (frame.hasHello()) {
      hello = frame.getHello();
      decoder.handOver(this);
    } else if (frame.hasRun()) {
      onRun.run();
    }
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, int checksum) {
    // memory is not inspected
  }

  @Override
  public void pageData(long address, int bytes) {
    // memory is not inspected
  }

  @Override
  public void closed(Throwable cause) {
    channel = null;
  }
}
