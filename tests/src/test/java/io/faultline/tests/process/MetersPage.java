package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table of meters in docs/metrics.md. */
final class MetersPage {
  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| `(faultline_\\w+)` \\| (\\w+) \\| (both|source|destination|pager) \\|");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (faultline_\\w+) (\\w+)$");

  private MetersPage() {}

  /** The rows for a node or a pager, as {@code NAME TYPE}. */
  static Set<String> of(String role) throws IOException {
    return ROW.matcher(Files.readString(PAGE))
        .results()
        .filter(row -> row.group(3).equals(role) || isForBothNodes(row.group(3), role))
        .map(row -> row.group(1) + " " + row.group(2))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isForBothNodes(String node, String role) {
    return node.equals("both") && !role.equals("pager");
  }

  /** What a node serves, as {@code NAME TYPE}. */
  static Set<String> served(String text) {
    return TYPE.matcher(text)
        .results()
        .map(type -> type.group(1) + " " + type.group(2))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
