package io.faultline.cli.simulation.network;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.wire.Frame;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Splits the byte stream of one sender into frames. */
final class FrameSplitter {
  private byte[] held = new byte[256];
  private int length;

  /** Appends bytes, and passes on each frame that they complete. */
  void accept(byte[] bytes, Consumer<WireFrame> frames) {
    if (length + bytes.length > held.length) {
      held = Arrays.copyOf(held, Math.max(2 * held.length, length + bytes.length));
    }
    System.arraycopy(bytes, 0, held, length, bytes.length);
    length += bytes.length;
    int start = 0;
    for (WireFrame next = next(start); next != null; next = next(start)) {
      start += next.bytes().length;
      frames.accept(next);
    }
    System.arraycopy(held, start, held, 0, length - start);
    length -= start;
  }

  private @Nullable WireFrame next(int start) {
    int header = 0;
    int at = start;
    for (int shift = 0; ; shift += 7) {
      if (at >= length) {
        return null;
      }
      byte next = held[at++];
      header |= (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    if (at + header > length) {
      return null;
    }
    Frame frame = parse(at, header);
    int payload = frame.hasPages() ? (int) frame.getPages().getPayloadBytes() : 0;
    int end = at + header + payload;
    return end > length
        ? null
        : new WireFrame(frame, Arrays.copyOfRange(held, start, end), payload);
  }

  private Frame parse(int at, int bytes) {
    try {
      return Frame.parseFrom(ByteBuffer.wrap(held, at, bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a node sent an invalid frame", e);
    }
  }
}
