package io.faultline.restore.origin;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Records answers as lines, with the first word of each page. */
final class RecordingReceiver implements PageReceiver {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int PAGE_BYTES = 4096;

  private final List<String> lines = new ArrayList<>();

  /** The lines so far. */
  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  private synchronized void add(String line) {
    lines.add(line);
  }

  @Override
  public void pages(int pid, long address, int pages, long data) {
    for (int page = 0; page < pages; page++) {
      long at = data + (long) page * PAGE_BYTES;
      long word = ALL.get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), at);
      add(
          String.format(
              Locale.ROOT, "page %d %x %x", pid, address + (long) page * PAGE_BYTES, word));
    }
  }

  @Override
  public void unanswered(int pid, long address, int pages) {
    add(String.format(Locale.ROOT, "unanswered %d %x %d", pid, address, pages));
  }

  @Override
  public void failed(String reason) {
    add(String.format(Locale.ROOT, "failed %s", reason));
  }

  @Override
  public void warning(String message) {
    add(String.format(Locale.ROOT, "warning %s", message));
  }

  @Override
  public void finished() {
    add("finished");
  }
}
