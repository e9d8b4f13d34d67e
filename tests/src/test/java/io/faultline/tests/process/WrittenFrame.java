package io.faultline.tests.process;

import io.faultline.proto.FrameWriter;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes frames as the nodes do: with a checksum, but for the two hot kinds. An empty one stays
 * empty.
 */
final class WrittenFrame {
  private WrittenFrame() {}

  static void write(Frame frame, OutputStream out) throws IOException {
    if (frame.hasRequest() || frame.hasPages() || frame.equals(Frame.getDefaultInstance())) {
      frame.writeDelimitedTo(out);
      return;
    }
    ByteBuf bytes = FrameWriter.frame(ByteBufAllocator.DEFAULT, frame);
    try {
      bytes.readBytes(out, bytes.readableBytes());
    } finally {
      bytes.release();
    }
  }
}
