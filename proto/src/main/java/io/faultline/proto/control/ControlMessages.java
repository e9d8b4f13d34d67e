package io.faultline.proto.control;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the messages of a control socket: 4 bytes of length, big endian, then the
 * message.
 */
public final class ControlMessages {
  /** The maximum length of a message in bytes, without its length. */
  public static final int MAX_BYTES = 64 << 10;

  private ControlMessages() {}

  /**
   * Writes a message with its length, in one write.
   *
   * @throws IllegalArgumentException if it is longer than {@link #MAX_BYTES}
   */
  public static void write(OutputStream to, MessageLite message) throws IOException {
    byte[] body = message.toByteArray();
    if (body.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a control message of " + body.length + " bytes; at most " + MAX_BYTES);
    }
    to.write(
        ByteBuffer.allocate(Integer.BYTES + body.length).putInt(body.length).put(body).array());
    to.flush();
  }

  /**
   * Reads a message; returns null if the stream ends before one begins. Allocates no more than has
   * arrived, whatever the length says.
   *
   * @throws IOException if reading fails, or what arrives is no message; the stream must then be
   *     closed
   */
  public static <T extends MessageLite> @Nullable T read(InputStream from, Parser<T> parser)
      throws IOException {
    int first = from.read();
    if (first < 0) {
      return null;
    }
    byte[] rest = from.readNBytes(Integer.BYTES - 1);
    if (rest.length < Integer.BYTES - 1) {
      throw new EOFException("the stream ends within the length of a control message");
    }
    int length = ByteBuffer.allocate(Integer.BYTES).put((byte) first).put(rest).getInt(0);
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException(
          "a control message of "
              + Integer.toUnsignedString(length)
              + " bytes; at most "
              + MAX_BYTES);
    }
    byte[] body = from.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the stream ends within a control message");
    }
    return parser.parseFrom(body);
  }
}
