package io.faultline.cli.simulation.runtime;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The trace of a run: lines of virtual time, actor and action; and a checksum of all lines. */
public final class Trace {
  private final @Nullable Consumer<String> lines;
  private final CRC32C sum = new CRC32C();

  /**
   * @param lines receives each line; null if the run is not traced
   */
  public Trace(@Nullable Consumer<String> lines) {
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

  /** CRC-32C of all lines; 0 if the run is not traced. */
  public long sum() {
    return sum.getValue();
  }
}
