package io.faultline.tests.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What nodes of tests leave out, unless their test asks for it: the rehearsal, seconds of processor
 * time for the sake of figures that no test looks at.
 */
final class Thrift {
  private static final Set<String> NODES = Set.of("demo", "source", "dest");

  private Thrift() {}

  /** The arguments, with what they do not say. */
  static List<String> of(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    boolean says = arguments.stream().anyMatch(each -> each.startsWith("--rehearsal"));
    if (NODES.contains(arguments.getFirst()) && !says) {
      all.add("--rehearsal=0ms");
    }
    return all;
  }
}
