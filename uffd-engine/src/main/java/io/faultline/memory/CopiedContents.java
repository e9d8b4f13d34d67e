package io.faultline.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Copies of pages, one range for each thread that reads them: the event loops of a migration.
 * Thread-safe.
 */
final class CopiedContents implements AutoCloseable {
  /** The longest run of pages that a node sends at once. */
  static final long MAX_BYTES = 2 << 20;

  private static final long ALIGNMENT = 4096;

  private final PageCopier copier;
  private final Arena arena = Arena.ofShared();
  private final ThreadLocal<Window> windows = ThreadLocal.withInitial(Window::new);

  /** What a thread has loaded. */
  private final class Window {
    final MemorySegment bytes = arena.allocate(MAX_BYTES, ALIGNMENT);
    long offset;
    long length;
  }

  CopiedContents(PageCopier copier) {
    this.copier = copier;
  }

  void load(long offset, long length) {
    Window window = windows.get();
    window.length = 0;
    copier.copy(offset, window.bytes, 0, length);
    window.offset = offset;
    window.length = length;
  }

  long knownZeros(long offset, long length) {
    return copier.knownZeros(offset, length);
  }

  long address(long offset) {
    Window window = windows.get();
    long at = offset - window.offset;
    if (at < 0 || at >= window.length) {
      throw new IllegalStateException("offset " + offset + " was not loaded by this thread");
    }
    return window.bytes.address() + at;
  }

  @Override
  public void close() {
    arena.close();
  }
}
