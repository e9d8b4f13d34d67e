package io.faultline.cli.simulation.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Native memory for buffers, reused from one run to the next. Not thread-safe. */
public final class BufferPool {
  private static final int SMALLEST_SHIFT = 8;
  private static final int SHIFTS = Integer.SIZE - SMALLEST_SHIFT;

  private final List<Deque<ByteBuffer>> free = new ArrayList<>();

  public BufferPool() {
    for (int i = 0; i < SHIFTS; i++) {
      free.add(new ArrayDeque<>());
    }
  }

  /** Memory of at least {@code bytes} bytes, with undefined contents. */
  ByteBuffer take(int bytes) {
    int index = index(bytes);
    ByteBuffer memory = free.get(index).poll();
    return memory != null ? memory : ByteBuffer.allocateDirect(1 << (index + SMALLEST_SHIFT));
  }

  void giveBack(ByteBuffer memory) {
    free.get(index(memory.capacity())).push(memory);
  }

  private static int index(int bytes) {
    int shift = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1);
    return Math.max(0, shift - SMALLEST_SHIFT);
  }
}
