package io.faultline.cli.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the nodes of a local migration in child JVMs, with the options that each of them gets, and
 * knows which files they write. Confined to the caller's thread until the first one is started.
 */
final class NodeLauncher {
  private final Path scratch;
  private final String engineName;
  private final List<String> prefix;
  private List<String> jvmOptions = List.of();
  private boolean recorded;

  /**
   * @param scratch a directory for the files of the nodes
   * @param engineName kernel or simulated
   * @param prefix a command that starts a node, such as {@code taskset}; or empty
   */
  NodeLauncher(Path scratch, String engineName, List<String> prefix) {
    this.scratch = scratch;
    this.engineName = engineName;
    this.prefix = prefix;
  }

  /** JVM options of the nodes, to follow those of this JVM. */
  void jvmOptions(List<String> more) {
    jvmOptions = List.copyOf(more);
  }

  /** Whether the nodes write recordings. */
  void recorded(boolean wanted) {
    recorded = wanted;
  }

  /**
   * Starts a node.
   *
   * @param command dest or source
   * @param showErrors whether it shares this JVM's standard error
   * @param more its options, besides those that each node gets
   */
  ChildNode start(String command, boolean showErrors, List<String> more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(command, "--quiet", "--engine=" + engineName));
    arguments.add("--json=" + result(command));
    arguments.add("--state=" + scratch);
    if (recorded) {
      arguments.add("--recording=" + recording(command));
    }
    arguments.addAll(more);
    return ChildNode.start(prefix, jvmOptions, scratch, command, showErrors, arguments);
  }

  /** Starts a node that has no directory for status files. */
  ChildNode startWithoutState(String command, List<String> more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(command, "--quiet", "--engine=" + engineName));
    arguments.add("--json=" + result(command));
    arguments.addAll(more);
    return ChildNode.start(prefix, jvmOptions, scratch, command, false, arguments);
  }

  /** Where a node writes its result. */
  Path result(String command) {
    return scratch.resolve(command + ".json");
  }

  /** Where a node writes what it recorded. */
  Path recording(String command) {
    return scratch.resolve(command + ".recording");
  }
}
