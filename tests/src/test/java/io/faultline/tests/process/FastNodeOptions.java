package io.faultline.tests.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Options that save the nodes of tests seconds of processor time. They shorten phases that only
 * improve measurements, which these tests do not check. A test overrides them by its own options.
 */
final class FastNodeOptions {
  private static final Set<String> NODES = Set.of("demo", "source", "dest");
  private static final Set<String> WITH_A_VM = Set.of("demo", "source");

  /**
   * Operations per second of each vCPU: many times a small working set in one migration, but a
   * small part of what a vCPU can do, since the reference run that verifies the VM repeats all of
   * them.
   */
  private static final int PACE = 200_000;

  private FastNodeOptions() {}

  /** The arguments, with defaults for options that they lack. */
  static List<String> of(List<String> arguments) {
    int end = arguments.contains("--") ? arguments.indexOf("--") : arguments.size();
    List<String> all = withDefaults(arguments.subList(0, end));
    all.addAll(arguments.subList(end, arguments.size())); // the command line of another program
    return all;
  }

  private static List<String> withDefaults(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    String command = arguments.getFirst();
    if (NODES.contains(command) && hasNone(arguments, "--rehearsal")) {
      all.add("--rehearsal=0ms");
    }
    if (NODES.contains(command)
        && !hasNone(arguments, "--metrics=")
        && hasNone(arguments, "--metrics-linger")) {
      all.add("--metrics-linger=0ms");
    }
    if (command.equals("source") && hasNone(arguments, "--warm-up", "--resume", "--vm=qemu")) {
      all.add("--warm-up=50ms");
    }
    if (command.equals("dest") && hasNone(arguments, "--run-on", "--vm=qemu", "--take-over")) {
      all.add("--run-on=50ms");
    }
    if (WITH_A_VM.contains(command)
        && hasNone(arguments, "--pace", "--ops", "--resume", "--vm=kvm", "--vm=qemu")) {
      all.add("--pace=" + PACE);
    }
    return all;
  }

  private static boolean hasNone(List<String> arguments, String... options) {
    return Stream.of(options)
        .noneMatch(each -> arguments.stream().anyMatch(a -> a.startsWith(each)));
  }
}
