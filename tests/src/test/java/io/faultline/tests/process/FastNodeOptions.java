package io.faultline.tests.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What nodes of tests leave out, unless their test asks for it: what takes seconds of processor
 * time, for the sake of figures that no test looks at.
 */
final class FastNodeOptions {
  private static final Set<String> NODES = Set.of("demo", "source", "dest");
  private static final Set<String> WITH_A_VM = Set.of("demo", "source");

  /**
   * Operations a second of each vCPU: all of a small working set many times over in one migration,
   * and a small part of what a vCPU can do, which a reference run has to do again to verify it.
   */
  private static final int PACE = 200_000;

  private FastNodeOptions() {}

  /** The arguments, with what they do not say. */
  static List<String> of(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    String command = arguments.getFirst();
    if (NODES.contains(command) && hasNone(arguments, "--rehearsal")) {
      all.add("--rehearsal=0ms");
    }
    if (command.equals("source") && hasNone(arguments, "--warm-up", "--resume")) {
      all.add("--warm-up=50ms");
    }
    if (command.equals("dest") && hasNone(arguments, "--run-on")) {
      all.add("--run-on=50ms");
    }
    if (WITH_A_VM.contains(command)
        && hasNone(arguments, "--pace", "--ops", "--resume", "--vm=kvm")) {
      all.add("--pace=" + PACE);
    }
    return all;
  }

  private static boolean hasNone(List<String> arguments, String... options) {
    return Stream.of(options)
        .noneMatch(each -> arguments.stream().anyMatch(a -> a.startsWith(each)));
  }
}
