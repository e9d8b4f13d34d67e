package io.faultline.cli.simulation;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What happened in a run, line by line: virtual time, who, what; and a sum over all of it. */
final class Trace {
  private final @Nullable Consumer<String> lines;
  private final CRC32C sum = new CRC32C();

  /**
   * @param lines gets each line; null where nobody reads them
   */
  Trace(@Nullable Consumer<String> lines) {
    this.lines = lines;
  }

  boolean isOn() {
    return lines != null;
  }

  void line(long nanos, String who, String what) {
    if (lines == null) {
      return;
    }
    String line = String.format(Locale.ROOT, "%14.6f ms  %-12s %s", nanos / 1e6, who, what);
    sum.update(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    lines.accept(line);
  }

  /** Equal sums, equal traces. */
  long sum() {
    return sum.getValue();
  }
}
