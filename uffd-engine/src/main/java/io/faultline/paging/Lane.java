package io.faultline.paging;

import io.faultline.uffd.EventBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The memory of one thread that fills pages, allocated once. Confined to that thread. */
final class Lane {
  private static final int EVENTS = 64;

  /** Receives what is read from the store: one window. */
  final MemorySegment buffer;

  /** For events that must be read before a fill can go on. */
  final EventBuffer events = new EventBuffer(EVENTS);

  /** The call of a store that the thread makes. */
  final StoreCall call = new StoreCall();

  /** Pages that the thread makes writable together. */
  final WriteRun writeRun = new WriteRun();

  /** Why the last fill failed. */
  @Nullable IOException failure;

  /** Why the kernel placed fewer pages than it should. */
  int errno;

  /** The number of frames that the failed page holds. */
  int frames;

  /** The stream of the last fill, to be read ahead. */
  int stream;

  Lane(MemorySegment buffer) {
    this.buffer = buffer;
  }
}
