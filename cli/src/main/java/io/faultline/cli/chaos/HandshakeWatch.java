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
 * Reads along what a source sends, until it is known what the connection is, and on a first control
 * connection until the VM is handed over. Belongs to the relay's loop.
 */
final class HandshakeWatch implements FrameReceiver {
  private final Runnable onRun;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private @Nullable EmbeddedChannel channel = new EmbeddedChannel(decoder);
  private @Nullable Hello hello;

  /**
   * @param onRun called when RUN comes by
   */
  HandshakeWatch(Runnable onRun) {
    this.onRun = onRun;
  }

  /** What the source said first; null where it has not come whole. */
  @Nullable Hello hello() {
    return hello;
  }

  /** Reads along; does not take the bytes. */
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
    // What memory says is nobody's business here.
  }

  @Override
  public void pageData(long address, int bytes) {
    // Nor this.
  }

  @Override
  public void closed(Throwable cause) {
    channel = null;
  }
}
