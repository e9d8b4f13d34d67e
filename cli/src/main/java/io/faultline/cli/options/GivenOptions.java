package io.faultline.cli.options;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options that the user gave on the command line, as opposed to those that have their default
 * value. For commands that refuse options which mean nothing beside others, rather than ignore
 * them. Immutable, thread-safe.
 */
public final class GivenOptions {
  private final List<String> names;

  private GivenOptions(List<String> names) {
    this.names = names;
  }

  /**
   * The options of a command that is being executed.
   *
   * @param spec that of the command, injected by picocli
   */
  public static GivenOptions of(CommandSpec spec) {
    return new GivenOptions(
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .distinct()
            .sorted()
            .toList());
  }

  /** Whether the user gave an option, such as {@code --ram}. */
  public boolean contains(String name) {
    return names.contains(name);
  }

  /**
   * Refuses some options.
   *
   * @param meaningless longest names, such as {@code --ram}
   * @param why the reason, a sentence without its end: the message goes on with the options that
   *     must be left out
   * @throws UsageException if the user gave one of them; the message names all of these
   */
  public void refuse(Collection<String> meaningless, String why) {
    refuseAll(names.stream().filter(meaningless::contains).toList(), why);
  }

  /** As {@link #refuse}, but refuses all options except some. */
  public void refuseAllBut(Set<String> allowed, String why) {
    List<String> refused = new ArrayList<>(names);
    refused.removeAll(allowed);
    refuseAll(refused, why);
  }

  private static void refuseAll(List<String> refused, String why) {
    if (!refused.isEmpty()) {
      throw new UsageException(why + ": leave out " + String.join(", ", refused));
    }
  }
}
