package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The text form of a {@link Promise}: a line of its numbers, and one for each backing.
 *
 * <pre>
 *   PROCESS START_TICKS OVERHEAD_BYTES BASE_BYTES HUGE_BYTES MAPPED
 *   KIND PAGE_SIZE BYTES [URI]
 * </pre>
 */
final class PromiseText {
  private PromiseText() {}

  static String of(Promise promise) {
    StringBuilder text = new StringBuilder();
    text.append(promise.process()).append(' ').append(promise.startTicks()).append(' ');
    text.append(promise.demand().overheadBytes()).append(' ');
    text.append(promise.baseBytes()).append(' ').append(promise.hugeBytes()).append(' ');
    text.append(promise.mapped()).append('\n');
    promise.demand().guestBytes().forEach((backing, bytes) -> append(text, backing, bytes));
    return text.toString();
  }

  private static void append(StringBuilder text, Backing backing, long bytes) {
    text.append(backing.kind()).append(' ').append(backing.pageSize()).append(' ').append(bytes);
    Path path = backing.path();
    text.append(path == null ? "" : " " + path.toUri()).append('\n');
  }

  /** Empty if it is no promise. */
  static Optional<Promise> parse(String text) {
    String[] lines = text.strip().split("\n", -1);
    String[] fields = lines[0].split(" ", -1);
    if (fields.length != 6) {
      return Optional.empty();
    }
    try {
      Map<Backing, Long> guest = new HashMap<>();
      for (int i = 1; i < lines.length; i++) {
        String[] parts = lines[i].split(" ", -1);
        guest.put(backing(parts), Long.parseLong(parts[2]));
      }
      return Optional.of(
          new Promise(
              Long.parseLong(fields[0]),
              Long.parseLong(fields[1]),
              new MemoryDemand(guest, Long.parseLong(fields[2])),
              Long.parseLong(fields[3]),
              Long.parseLong(fields[4]),
              Boolean.parseBoolean(fields[5])));
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Backing backing(String[] parts) {
    if (parts.length < 3 || parts.length > 4) {
      throw new IllegalArgumentException("a line of " + parts.length + " parts");
    }
    return new Backing(
        Backing.Kind.valueOf(parts[0]),
        PageSize.valueOf(parts[1]),
        parts.length == 4 ? Path.of(URI.create(parts[3])) : null);
  }
}
