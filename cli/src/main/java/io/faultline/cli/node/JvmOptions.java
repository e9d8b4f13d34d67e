package io.faultline.cli.node;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The options of a JVM that is started with this one's, and with more. */
final class JvmOptions {
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private JvmOptions() {}

  /**
   * Puts some behind others. Where both choose something the last counts, but a JVM with two
   * collectors does not start: those of the first make way.
   */
  static List<String> of(List<String> first, List<String> then) {
    List<String> all = new ArrayList<>(first);
    if (then.stream().anyMatch(JvmOptions::choosesCollector)) {
      all.removeIf(JvmOptions::choosesCollector);
    }
    all.addAll(then);
    return all;
  }

  private static boolean choosesCollector(String option) {
    return COLLECTOR.matcher(option).matches();
  }
}
