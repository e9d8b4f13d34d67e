package io.faultline.tests.process;

import java.util.List;

/**
 * Two new network namespaces, connected by a pair of virtual Ethernet devices. Closing removes
 * both, and the devices with them.
 *
 * @param first the name of the first
 * @param second the name of the second
 * @param reason why they could not be created; empty if they were
 */
record Namespaces(String first, String second, String reason) implements AutoCloseable {
  /** Visible only here: the namespaces have no other device than loopback. */
  static final String FIRST_ADDRESS = "10.231.0.1";

  static final String SECOND_ADDRESS = "10.231.0.2";

  /** Creates two, if this user may. */
  static Namespaces create() {
    long pid = ProcessHandle.current().pid();
    String first = "fltest" + pid + "a";
    String second = "fltest" + pid + "b";
    String[][] commands = {
      {"netns", "add", first},
      {"netns", "add", second},
      {
        "-n", first, "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns",
        second
      },
      {"-n", first, "addr", "add", FIRST_ADDRESS + "/30", "dev", "veth0"},
      {"-n", second, "addr", "add", SECOND_ADDRESS + "/30", "dev", "veth0"},
      {"-n", first, "link", "set", "veth0", "up"},
      {"-n", second, "link", "set", "veth0", "up"},
    };
    for (String[] command : commands) {
      String problem = ip(command);
      if (!problem.isEmpty()) {
        return new Namespaces(first, second, "no network namespaces: " + problem);
      }
    }
    return new Namespaces(first, second, "");
  }

  boolean exist() {
    return reason.isEmpty();
  }

  /** The prefix of a command that runs in the first namespace. */
  List<String> inFirst() {
    return List.of("ip", "netns", "exec", first);
  }

  /** The prefix of a command that runs in the second namespace. */
  List<String> inSecond() {
    return List.of("ip", "netns", "exec", second);
  }

  @Override
  public void close() {
    String problem = ip("netns", "delete", first) + ip("netns", "delete", second);
    if (exist() && !problem.isEmpty()) {
      throw new IllegalStateException("cannot delete the network namespaces: " + problem);
    }
  }

  private static String ip(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "ip";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return Shell.run(command);
  }
}
