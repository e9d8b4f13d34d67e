package io.faultline.cli.process;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Combines the options of this JVM with those of a child JVM. */
final class JvmOptions {
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private JvmOptions() {}

  /**
   * Appends options. The last of several values wins, except for collectors: a JVM with two does
   * not start, so a collector in {@code appended} removes those in {@code inherited}.
   */
  static List<String> combine(List<String> inherited, List<String> appended) {
    List<String> all = new ArrayList<>(inherited);
    if (appended.stream().anyMatch(JvmOptions::choosesCollector)) {
      all.removeIf(JvmOptions::choosesCollector);
    }
    all.addAll(appended);
    return all;
  }

  private static boolean choosesCollector(String option) {
    return COLLECTOR.matcher(option).matches();
  }
}
