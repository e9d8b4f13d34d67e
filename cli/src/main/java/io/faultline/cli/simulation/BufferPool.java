package io.faultline.cli.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Native memory for buffers, kept from one run to the next. Belongs to one thread. */
final class BufferPool {
  private static final int SMALLEST_SHIFT = 8;
  private static final int SHIFTS = Integer.SIZE - SMALLEST_SHIFT;

  private final List<Deque<ByteBuffer>> kept = new ArrayList<>();

  BufferPool() {
    for (int i = 0; i < SHIFTS; i++) {
      kept.add(new ArrayDeque<>());
    }
  }

  /** Memory of at least so many bytes; what is in it is anybody's guess. */
  ByteBuffer take(int bytes) {
    int index = index(bytes);
    ByteBuffer memory = kept.get(index).poll();
    return memory != null ? memory : ByteBuffer.allocateDirect(1 << (index + SMALLEST_SHIFT));
  }

  void giveBack(ByteBuffer memory) {
    kept.get(index(memory.capacity())).push(memory);
  }

  private static int index(int bytes) {
    int shift = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1);
    return Math.max(0, shift - SMALLEST_SHIFT);
  }
}
