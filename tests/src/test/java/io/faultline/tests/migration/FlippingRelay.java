package io.faultline.tests.migration;

import io.faultline.tests.relay.Relay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Flips one bit in what the source sends on its second connection. */
final class FlippingRelay extends Relay {
  private static final int BUFFER_BYTES = 64 << 10;

  private final long flippedByte;

  private FlippingRelay(int destinationPort, long flippedByte) throws IOException {
    super(destinationPort);
    this.flippedByte = flippedByte;
  }

  /**
   * Starts a relay.
   *
   * @param flippedByte the offset, in the second connection, of the byte that is changed
   */
  static FlippingRelay to(InetSocketAddress destination, long flippedByte) throws IOException {
    FlippingRelay relay = new FlippingRelay(destination.getPort(), flippedByte);
    relay.start();
    return relay;
  }

  @Override
  protected void relay(Socket source, Socket destination, int number) throws IOException {
    Thread.ofVirtual().start(() -> forward(destination, source));
    if (number == 1) {
      flip(source.getInputStream(), destination.getOutputStream());
    }
    forward(source, destination);
  }

  /** Forwards up to the buffer with the flipped byte, or to the end. */
  private void flip(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long offset = 0;
    while (offset <= flippedByte) {
      int read = in.read(buffer);
      if (read < 0) {
        return;
      }
      if (flippedByte < offset + read) {
        buffer[(int) (flippedByte - offset)] ^= 1;
      }
      out.write(buffer, 0, read);
      offset += read;
    }
  }
}
